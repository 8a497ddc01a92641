// Parts of an Aggregate must not wait for each other in a circle, nor Aggregates call each other in one.
import type { Resource } from '../resource.ts';
import { partDependencies } from './aggregate-parts.ts';
import { type Check, problemAt } from './check.ts';
import { describeCycle, findCycles } from './cycles.ts';

export const partCycles: Check = ({ resources }) =>
  resources.ofKind('Aggregate').flatMap(aggregate => {
    const dependencies = partDependencies(aggregate);
    return findCycles(dependencies.keys(), part => dependencies.get(part) ?? []).map(cycle => {
      const message =
        cycle.length === 1
          ? `The part "${cycle[0]}" needs its own answer.`
          : `These parts wait for each other: ${describeCycle(cycle)}. Take one of the expressions out.`;
      return problemAt(aggregate, ['spec', 'parts', cycle[0] ?? ''], { part: 'key', message });
    });
  });

export const aggregateCycles: Check = ({ resources }) => {
  const calls = (one: Resource<'Aggregate'>) =>
    Object.entries(one.spec.parts).flatMap(([part, { to }]) =>
      [to].flat().flatMap(target => {
        const callee =
          target.aggregate === undefined
            ? undefined
            : resources.get('Aggregate', one.metadata.namespace, target.aggregate);
        return callee ? [{ part, callee }] : [];
      }),
    );
  return findCycles(resources.ofKind('Aggregate'), one => calls(one).map(({ callee }) => callee)).flatMap(cycle => {
    const [first, second = first] = cycle;
    const part = first && calls(first).find(({ callee }) => callee === second)?.part;
    if (!first || part === undefined) return [];
    const message = `These Aggregates call each other without end: ${describeCycle(cycle.map(one => one.metadata.name))}.`;
    return [problemAt(first, ['spec', 'parts', part, 'to'], { message })];
  });
};
