// Finds settings of a View that cannot be honoured here, or make no sense. They are reported, never
// ignored.
import type { Finding, Path, Resource } from '../../resources/resource.ts';

export type ReportView = (
  severity: Finding['severity'],
  resource: Resource<'View'>,
  path: Path,
  message: string,
) => void;

export function checkView(view: Resource<'View'>, report: ReportView): void {
  const { onExhausted, aggregate } = view.spec;
  const wrong = (path: Path, message: string) => report('error', view, ['spec', ...path], message);
  if (onExhausted !== 'skip') {
    const message =
      'A View holds nothing up: it sets unusable events aside as dead letters, and the others go on. Say "skip". Once you mend the View, it is built anew from all events.';
    wrong(['onExhausted'], message);
  }
  if (aggregate) checkAggregate(aggregate, (path, message) => wrong(['aggregate', ...path], message));
}

function checkAggregate(
  { values, indexes }: NonNullable<Resource<'View'>['spec']['aggregate']>,
  wrong: (path: Path, message: string) => void,
): void {
  const names = Object.keys(values);
  if (names.length === 0) wrong(['values'], 'A row has one value at least, such as { orders: count() }.');
  for (const members of indexes) {
    // A value may be an object, as of last(event.data): its members are reached by a dot.
    const unknown = [members].flat().find(member => !names.includes(member.split('.', 1)[0] ?? ''));
    if (unknown === undefined) continue;
    wrong(['values'], `An index is over "${unknown}", which is no value here. Add it, or take it out of "indexes".`);
  }
}
