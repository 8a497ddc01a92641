// Loads the graph that an address asks for. One that nobody could read is drawn by groups, and one
// that the platform does not answer with is listed by groups, too.
import type { Graph } from '../../../admin/graph/graph-view.ts';
import { ApiError, ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { isReadable } from './readable.ts';

const TOO_LARGE = 422;

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

export async function loadGraph(filter: GraphFilter, signal: AbortSignal): Promise<LoadedGraph> {
  let listed: Graph | undefined;
  let refusal: ApiError | undefined;
  const { group: wanted, ...asked } = filter;
  for (const grouping of GROUPINGS.slice(wanted === undefined ? 0 : GROUPINGS.indexOf(wanted))) {
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
      return { listed, drawn: graph, grouping, notes: [...graph.unknown, ...notesOf(listed, refusal)] };
    }
  }
  if (listed === undefined) throw refusal ?? new Error('The platform has no graph.');
  return { listed, drawn: undefined, grouping: 'namespace', notes: [...listed.unknown, ...notesOf(listed, refusal)] };
}

function notesOf({ nodes }: Graph, refusal: ApiError | undefined): readonly string[] {
  if (refusal === undefined || nodes.every(({ nodes: members }) => members === undefined)) return [];
  return ['There are too many nodes for one answer, so the list has groups. Choose a kind or a namespace for less.'];
}
