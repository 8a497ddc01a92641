// Compares what a pipeline has published with what a plain model says of the events.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { END, modelOf, say, type Variant } from './app.ts';

interface Said {
  readonly id: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

/** Undefined when all is right. */
export function compare(
  variant: Variant,
  clicks: readonly LogRecord[],
  results: readonly LogRecord[],
): string | undefined {
  const byId = new Map<string, Said>();
  for (const record of results) {
    const { id, data } = fromRecord(record);
    const { key = '', start, end, count, sum, most, pane } = data as Record<string, string>;
    if (key.startsWith(END) || pane === 'early') continue;
    const said = { id, key, start: Date.parse(start ?? ''), end: Date.parse(end ?? ''), what: say(count, sum, most) };
    const before = byId.get(id);
    if (before && (before.what !== said.what || nameOf(before) !== nameOf(said))) {
      return `${id} says ${nameOf(before)}: ${before.what}, and then ${nameOf(said)}: ${said.what}`;
    }
    byId.set(id, said);
  }
  // One that is published twice counts once.
  const distinct = new Map(clicks.map(record => [record.headers['ce_id'], record]));
  const model = modelOf(variant, [...distinct.values()]);
  const found = new Map<string, Said>();
  for (const said of byId.values()) {
    const before = found.get(nameOf(said));
    if (before === undefined || placeOf(said) > placeOf(before)) found.set(nameOf(said), said);
    // Only where nothing came for long a window is said before it is closed.
    if (before && !variant.changes && variant.idle === 'never')
      return `two results for ${nameOf(said)}: ${before.id}, ${said.id}`;
  }
  if (variant.shape === 'session' && variant.idle !== 'never') {
    // One that was said while nothing came, and went on after all.
    for (const [name, { key, start, end }] of found) {
      const goesOn = [...found.values()].some(
        other => other.key === key && other.start <= start && other.end >= end && nameOf(other) !== name,
      );
      if (goesOn && !model.has(name)) found.delete(name);
    }
  }
  for (const window of new Set([...found.keys(), ...model.keys()])) {
    const [is, should] = [found.get(window)?.what, model.get(window)];
    if (is !== should) return `${window} is ${is}\n  and should be ${should}`;
  }
  return undefined;
}

function nameOf({ key, start, end }: Said): string {
  return `${key} ${start} ${end}`;
}

/**
 * A result of an open window ends with the partition and offset of its last change; that of a
 * closed one has fewer parts, and is the last.
 */
function placeOf({ id }: Said): number {
  const last = /\/\d+-(\d+)$/.exec(id)?.[1];
  return last === undefined || id.split('/').length < 5 ? Number.POSITIVE_INFINITY : Number(last);
}

/** Every event comes in order, as far as it must. */
export function lateOf(letters: readonly LogRecord[]): string | undefined {
  const late = letters.find(({ headers }) => headers['tenfold-dead']?.includes('"reason":"late"'));
  return late && `an event came too late: ${late.headers['tenfold-dead']}`;
}
