// Events that come back to the topic they came from go round for ever, unless a
// filter stops them: a warning.
import type { Kind } from '../kinds/kind-names.ts';
import { valueAt } from '../load/path.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import { describeCycle, findCycles } from './cycles.ts';
import type { Declared } from './declared.ts';
import { soundAt } from './sound.ts';
import { targetsAt } from './targets-at.ts';

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly resource: Declared;
  readonly path: Path;
}

export const topicLoops: Check = ({ declared }) => {
  const flows = Map.groupBy(flowsOf(declared), flow => flow.from);
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

/**
 * The topics that feed each other directly; namespace and name in one text. An uncertain resource
 * feeds nothing.
 */
function flowsOf(declared: readonly Declared[]): Flow[] {
  return declared.flatMap(resource => {
    const { namespace } = resource.metadata;
    const targets = outletsOf(resource).flatMap(place => targetsAt(resource, place, 'topic'));
    return sourcesOf(resource).flatMap(place => {
      const from = soundAt(resource, place);
      if (typeof from !== 'string') return [];
      return targets.map(({ name, path }) => ({
        from: `${namespace}/${from}`,
        to: `${namespace}/${name}`,
        resource,
        path,
      }));
    });
  });
}

/** The paths at which resources name the Topic that events come from. */
const SOURCES: { readonly [K in Kind]?: Path } = {
  Subscription: ['spec', 'topic'],
  Pipeline: ['spec', 'from', 'topic'],
  FanOut: ['spec', 'on', 'topic'],
};

function sourcesOf(resource: Declared): Path[] {
  const source = SOURCES[resource.kind];
  if (source === undefined) return [];
  const joined = stepsOf(resource).map((step): Path => [...step, 'joinTopic', 'topic']);
  return [source, ...(resource.kind === 'Pipeline' ? joined : [])];
}

/** The paths at which resources may name Topics that get events, in the order of the search. */
function outletsOf(resource: Declared): Path[] {
  const deadLetter: Path = ['spec', 'deadLetter'];
  switch (resource.kind) {
    case 'Subscription':
      return [['spec', 'to'], ['spec', 'reply'], deadLetter];
    case 'Pipeline':
      return [['spec', 'to'], ...stepOutlets(resource), deadLetter];
    case 'FanOut':
      return [['spec', 'complete'], deadLetter];
    default:
      return [];
  }
}

function stepOutlets(pipeline: Declared): Path[] {
  return stepsOf(pipeline).flatMap(step => {
    const branches = indexesAt(pipeline, [...step, 'branch']);
    const late: Path[] = [
      [...step, 'window', 'late'],
      [...step, 'joinTopic', 'late'],
    ];
    return [...late, ...branches.map(number => [...step, 'branch', number, 'to'])];
  });
}

/** The paths of the steps of a Pipeline, with those of its branches. */
function stepsOf(pipeline: Declared): Path[] {
  const at = (list: Path) => indexesAt(pipeline, list).map((index): Path => [...list, index]);
  return at(['spec', 'steps']).flatMap(step => {
    const branches = indexesAt(pipeline, [...step, 'branch']);
    return [step, ...branches.flatMap(number => at([...step, 'branch', number, 'steps']))];
  });
}

function indexesAt(resource: Declared, path: Path): number[] {
  const list = valueAt(resource.manifest, path);
  return Array.isArray(list) ? [...list.keys()] : [];
}
