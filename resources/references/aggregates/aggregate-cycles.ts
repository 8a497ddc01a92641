// Parts of an Aggregate must not wait for each other in a circle, nor
// Aggregates call each other in one.
import { resourceKey } from '../../resource.ts';
import { type Check, problemAt } from '../check.ts';
import { describeCycle, findCycles } from '../cycles.ts';
import type { Declared } from '../declared.ts';
import { targetsAt } from '../targets-at.ts';
import { partDependencies } from './aggregate-parts.ts';
import { certainParts } from './certain-parts.ts';

export const partCycles: Check = ({ declared }) =>
  declared
    .filter(({ kind }) => kind === 'Aggregate')
    .flatMap(aggregate => {
      const dependencies = partDependencies(aggregate);
      return findCycles(dependencies.keys(), part => dependencies.get(part) ?? []).map(cycle => {
        const message =
          cycle.length === 1
            ? `The part "${cycle[0]}" needs its own answer.`
            : `These parts wait for each other: ${describeCycle(cycle)}. Take one of the expressions out.`;
        return problemAt(aggregate, ['spec', 'parts', cycle[0] ?? ''], { part: 'key', message });
      });
    });

export const aggregateCycles: Check = ({ declared }) => {
  const aggregates = new Map(declared.flatMap(one => (one.kind === 'Aggregate' ? keyed(one) : [])));
  const calls = (one: Declared) =>
    certainParts(one).flatMap(part =>
      targetsAt(one, ['spec', 'parts', part, 'to'], 'aggregate').flatMap(({ name }) => {
        const callee = aggregates.get(resourceKey('Aggregate', one.metadata.namespace, name));
        return callee ? [{ part, callee }] : [];
      }),
    );
  return findCycles(aggregates.values(), one => calls(one).map(({ callee }) => callee)).flatMap(cycle => {
    const [first, second = first] = cycle;
    const part = first && calls(first).find(({ callee }) => callee === second)?.part;
    if (!first || part === undefined) return [];
    const names = cycle.flatMap(({ metadata }) => metadata.name ?? []);
    const message = `These Aggregates call each other without end: ${describeCycle(names)}.`;
    return [problemAt(first, ['spec', 'parts', part, 'to'], { message })];
  });
};

/** By its key; a resource without a name has no callers. */
function keyed(one: Declared): [key: string, one: Declared][] {
  const { name, namespace } = one.metadata;
  return name === undefined ? [] : [[resourceKey('Aggregate', namespace, name), one]];
}
