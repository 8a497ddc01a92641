// Words for nodes and edges of the graph: how a node does, and what goes along an edge.
import type { EdgeKind, GraphEdge, GraphNode } from '../../../admin/graph/graph-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import type { Tone } from '../../parts/tone.ts';
import { numberWords, rateWords } from '../../parts/words.ts';
import { linkTo, withQuery } from '../../shell/router.ts';

/** Kinds of nodes that are no resources. */
export const OUTSIDE = ['Listener', 'Url', 'Cache', 'Archive'] as const;

export const howWords: Readonly<Record<EdgeKind, string>> = {
  serves: 'serves',
  calls: 'calls',
  sends: 'sends to',
  'read-by': 'is read by',
  feeds: 'feeds',
  queries: 'queries',
  stores: 'stores in',
};

/** The same from the other end. */
export const howBackWords: Readonly<Record<EdgeKind, string>> = {
  serves: 'is served by',
  calls: 'is called by',
  sends: 'gets from',
  'read-by': 'reads',
  feeds: 'is fed by',
  queries: 'is queried by',
  stores: 'stores for',
};

/** The counts of a node, the most urgent first, with what a person calls them. */
const COUNTS: Readonly<Record<string, readonly [one: string, many: string, inBox?: string]>> = {
  deadLetters: ['dead letter', 'dead letters', 'dead'],
  parkedKeys: ['parked key', 'parked keys', 'parked'],
  parkedEvents: ['parked event', 'parked events', 'parked'],
  recentFailed: ['failed call', 'failed calls', 'failed'],
  lag: ['not handled', 'not handled', 'wait'],
  behind: ['behind', 'behind'],
  waiting: ['waits', 'wait'],
  inFlight: ['in flight', 'in flight'],
  instances: ['instance', 'instances'],
  events: ['event', 'events'],
  appended: ['appended', 'appended'],
  recentCalls: ['recent call', 'recent calls'],
  hits: ['hit', 'hits'],
  misses: ['miss', 'misses'],
};
const URGENT: ReadonlySet<string> = new Set(['deadLetters', 'parkedKeys', 'parkedEvents', 'recentFailed']);

export interface NodeState {
  readonly tone: Tone;
  readonly word: string;
}

export function stateOfNode({ kind, ready, healthy, reason, nodes, unhealthy = 0 }: GraphNode): NodeState {
  if (nodes !== undefined && (isResource(kind) || unhealthy > 0 || kind === 'Namespace')) {
    if (unhealthy > 0) return { tone: 'warn', word: `${numberWords(unhealthy)} not healthy` };
    return { tone: 'good', word: 'all healthy' };
  }
  if (ready === 'False') return { tone: 'bad', word: reason ?? 'not ready' };
  if (healthy === 'False') return { tone: 'warn', word: reason ?? 'not healthy' };
  if (ready === 'Unknown' || healthy === 'Unknown') return { tone: 'quiet', word: reason ?? 'not known' };
  return ready === undefined ? { tone: 'quiet', word: 'outside' } : { tone: 'good', word: 'healthy' };
}

export interface Count {
  readonly name: string;
  readonly words: string;
  /** Shorter words, for a box. */
  readonly inBox: string;
  readonly count: number;
  readonly isUrgent: boolean;
}

/** All counts that a node has. */
export function countsOf({ counts = {} }: GraphNode): readonly Count[] {
  return Object.entries(COUNTS).flatMap(([name, words]) => {
    const count = counts[name];
    if (count === undefined) return [];
    const [one, many, inBox] = words;
    const full = count === 1 ? one : many;
    return [{ name, words: full, inBox: inBox ?? full, count, isUrgent: URGENT.has(name) && count > 0 }];
  });
}

/** One count for a box: the most urgent that is not 0. */
export function mainCountOf(node: GraphNode): Pick<Count, 'inBox' | 'isUrgent'> | undefined {
  if (node.nodes !== undefined) return { inBox: counted(node.nodes, 'node'), isUrgent: false };
  const found = countsOf(node).find(({ count }) => count > 0);
  return found && { inBox: `${numberWords(found.count)} ${found.inBox}`, isUrgent: found.isUrgent };
}

/** The words under the name: the kind of a node, and where the members of a group are. */
export function underWords({ kind, namespace, nodes }: GraphNode): string {
  if (nodes === undefined || kind === 'Namespace')
    return namespace === undefined || namespace === 'default' ? kind : `${kind} in ${namespace}`;
  return namespace === undefined ? 'outside' : `in ${namespace}`;
}

export function toneOfEdge({ flow, lag = 0 }: GraphEdge): Tone {
  if ((flow?.errorsPerSecond ?? 0) > 0) return 'bad';
  return lag > 0 ? 'warn' : 'quiet';
}

/** The label of a line says what goes along; it is empty where nothing does. */
export function labelOfEdge({ flow, lag = 0 }: GraphEdge): string {
  const { perSecond = 0, errorsPerSecond = 0 } = flow ?? {};
  if (errorsPerSecond > 0) return `${rateWords(errorsPerSecond)} fail`;
  if (lag > 0) return `${numberWords(lag)} wait`;
  return perSecond > 0 ? (rateWords(perSecond) ?? '') : '';
}

export function isResource(kind: string): boolean {
  return kindNames.some(each => each === kind);
}

/** The address at which a group is shown with all that is in it. */
export function linkInto({ kind, namespace }: GraphNode): string {
  return withQuery({ namespace, kind: kind === 'Namespace' ? undefined : kind, group: undefined, at: undefined });
}

/** A count leads to the failures that it counts, or to the resource. */
export function linkOfCount({ kind, namespace = 'default', name }: GraphNode, count: Count): string | undefined {
  if (!isResource(kind) || count.count === 0) return undefined;
  const isFailure = URGENT.has(count.name) && count.name !== 'recentFailed';
  return isFailure ? linkTo(['failures'], { kind, namespace, name }) : linkTo(['resources', kind, namespace, name]);
}
