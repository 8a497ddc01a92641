// Events that come back to the topic they came from go round for ever, unless a filter stops them: a warning.
import type { AnyResource, Path, ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { type Check, problemAt } from './check.ts';
import { describeCycle, findCycles } from './cycles.ts';

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly resource: AnyResource;
  readonly path: Path;
}

export const topicLoops: Check = ({ resources }) => {
  const flows = Map.groupBy(flowsOf(resources), flow => flow.from);
  return findCycles(flows.keys(), topic => (flows.get(topic) ?? []).map(({ to }) => to)).flatMap(cycle => {
    const [first = '', second = first] = cycle;
    const flow = flows.get(first)?.find(({ to }) => to === second);
    return flow ? [loop(cycle, flow)] : [];
  });
};

function loop(cycle: readonly string[], { resource, path }: Flow): ResourceProblem {
  const names = cycle.map(topic => topic.slice(topic.indexOf('/') + 1));
  const what =
    names.length === 1
      ? `Events of the Topic "${names[0]}" are published to it again`
      : `Events go round in a circle of Topics: ${describeCycle(names)}`;
  return problemAt(resource, path, {
    severity: 'warning',
    message: `${what}. Without a filter that stops them they never end.`,
  });
}

/** Which topic feeds which, directly; namespace and name in one text. */
function flowsOf(resources: ResourceSet): Flow[] {
  const flows: Flow[] = [];
  const add = (resource: AnyResource, from: string | undefined, to: string | undefined, path: Path) => {
    const { namespace } = resource.metadata;
    if (from !== undefined && to !== undefined)
      flows.push({ from: `${namespace}/${from}`, to: `${namespace}/${to}`, resource, path });
  };
  for (const one of resources.ofKind('Subscription')) {
    const { topic, to, reply, deadLetter } = one.spec;
    for (const [target, path] of targetsOf(to)) add(one, topic, target.topic, ['spec', 'to', ...path, 'topic']);
    add(one, topic, reply?.topic, ['spec', 'reply', 'topic']);
    add(one, topic, deadLetter.topic, ['spec', 'deadLetter', 'topic']);
  }
  for (const one of resources.ofKind('Pipeline')) {
    const { from, to, steps, deadLetter } = one.spec;
    for (const [index, target] of to.entries()) add(one, from.topic, target.topic, ['spec', 'to', index, 'topic']);
    for (const [index, step] of steps.entries()) {
      const path = ['spec', 'steps', index];
      add(one, from.topic, step.window?.late?.topic, [...path, 'window', 'late', 'topic']);
      for (const [number, branch] of (step.branch ?? []).entries()) {
        for (const [place, target] of branch.to.entries()) {
          add(one, from.topic, target.topic, [...path, 'branch', number, 'to', place, 'topic']);
        }
      }
    }
    add(one, from.topic, deadLetter.topic, ['spec', 'deadLetter', 'topic']);
  }
  for (const one of resources.ofKind('FanOut')) {
    const { on, complete, deadLetter } = one.spec;
    add(one, on.topic, complete.topic, ['spec', 'complete', 'topic']);
    add(one, on.topic, deadLetter.topic, ['spec', 'deadLetter', 'topic']);
  }
  return flows;
}

/** One target, or each of a list with its index. */
function targetsOf<T extends object>(to: T | readonly T[]): [target: T, path: Path][] {
  return isList(to) ? to.map((target, index) => [target, [index]]) : [[to, []]];
}

function isList<T extends object>(to: T | readonly T[]): to is readonly T[] {
  return Array.isArray(to);
}
