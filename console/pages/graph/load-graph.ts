// Loads the graph that an address asks for. One that nobody could read is drawn by groups, and one
// that the platform does not answer with is listed by groups, too.
import type { Graph } from '../../../admin/graph/graph-view.ts';
import { ApiError, ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { isReadable } from './readable.ts';

const TOO_LARGE = 422;
/** A graph that the platform refused is not asked for again while it has more nodes than this. */
const SURELY_TOO_MANY = 2_000;

/** From the finest to the coarsest. */
const GROUPINGS = ['none', 'kind', 'namespace'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface GraphFilter {
  readonly namespace: string | undefined;
  readonly kind: string | undefined;
  readonly node: string | undefined;
  readonly depth: string | undefined;
  /** Undefined: as fine as can be read. */
  readonly group: Grouping | undefined;
}

export interface LoadedGraph {
  readonly listed: Graph;
  /** Undefined where even the coarsest groups are too many to be drawn. */
  readonly drawn: Graph | undefined;
  readonly grouping: Grouping;
  /** The list lacks this or that: one sentence each. */
  readonly notes: readonly string[];
}

export function isGrouping(text: string | null): text is Grouping {
  return GROUPINGS.some(each => each === text);
}

/** Why a question was refused, for as long as a coarser answer says that it still would be. */
const refusals = new Map<string, ApiError>();

export async function loadGraph(filter: GraphFilter, signal: AbortSignal): Promise<LoadedGraph> {
  const question = JSON.stringify(filter);
  const known = refusals.get(question);
  refusals.clear();
  const loaded = await loadFrom(filter, known, signal);
  const holds = loaded.refusal !== undefined && nodesIn(loaded.listed) > SURELY_TOO_MANY;
  if (known !== undefined && !holds) return loadGraph(filter, signal);
  if (holds) refusals.set(question, loaded.refusal);
  return loaded;
}

function nodesIn({ nodes }: Graph): number {
  return nodes.reduce((sum, { nodes: members = 1 }) => sum + members, 0);
}

/** `refused`: why the finest of them is not asked for. */
async function loadFrom(
  filter: GraphFilter,
  refused: ApiError | undefined,
  signal: AbortSignal,
): Promise<LoadedGraph & { readonly refusal: ApiError | undefined }> {
  let listed: Graph | undefined;
  let refusal = refused;
  const { group: wanted, ...asked } = filter;
  const finest = Math.max(wanted === undefined ? 0 : GROUPINGS.indexOf(wanted), refused === undefined ? 0 : 1);
  for (const grouping of GROUPINGS.slice(finest)) {
    const group = grouping === 'none' ? undefined : grouping;
    let graph: Graph;
    try {
      graph = await ask(endpoints.graph, { params: {}, query: { ...asked, group } }, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== TOO_LARGE) throw error;
      refusal = error;
      continue;
    }
    listed ??= graph;
    if (isReadable(graph)) {
      return { listed, drawn: graph, grouping, notes: [...graph.unknown, ...notesOf(listed, refusal)], refusal };
    }
  }
  if (listed === undefined) throw refusal ?? new Error('The platform has no graph.');
  const notes = [...listed.unknown, ...notesOf(listed, refusal)];
  return { listed, drawn: undefined, grouping: 'namespace', notes, refusal };
}

function notesOf({ nodes }: Graph, refusal: ApiError | undefined): readonly string[] {
  if (refusal === undefined || nodes.every(({ nodes: members }) => members === undefined)) return [];
  return ['There are too many nodes for one answer, so the list has groups. Choose a kind or a namespace for less.'];
}
