// Takes from a graph what a caller may see and has asked for, and refuses to answer with more than
// anybody can read.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import type { Scope } from '../access/scope.ts';
import type { Graph, GraphEdge, GraphFlow, GraphNode, GraphQuery } from './graph-view.ts';

/** The name of the group of what is in no namespace. */
const OUTSIDE = 'outside';
export const MOST_NODES = 2_000;
const MOST_EDGES = 10_000;
/** The namespaces and kinds with the most nodes that a refusal names. */
const MOST_NAMED = 10;

export function narrowGraph(whole: Graph, query: GraphQuery, scope: Pick<Scope, 'has'>): Graph {
  // An address that only others lead to is nothing that the caller may hear of.
  let graph = withoutLoose(keep(whole, ({ namespace }) => namespace === undefined || scope.has(namespace)));
  if (query.node !== undefined) graph = around(graph, query.node, query.depth);
  const { namespace, kinds } = query;
  if (namespace !== undefined || kinds !== undefined) {
    graph = keep(
      graph,
      node =>
        (kinds === undefined || kinds.includes(node.kind)) &&
        (namespace === undefined || node.namespace === undefined || node.namespace === namespace),
    );
  }
  graph = withoutLoose(graph);
  if (query.group !== undefined) graph = grouped(graph, query.group);
  assertReadable(graph, query);
  return graph;
}

function keep(graph: Graph, isKept: (node: GraphNode) => boolean): Graph {
  const nodes = graph.nodes.filter(isKept);
  const ids = new Set(nodes.map(({ id }) => id));
  return { ...graph, nodes, edges: graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)) };
}

/** Listeners and addresses are there for the edges that lead to them. */
function withoutLoose(graph: Graph): Graph {
  const linked = new Set(graph.edges.flatMap(({ from, to }) => [from, to]));
  return { ...graph, nodes: graph.nodes.filter(({ id, namespace }) => namespace !== undefined || linked.has(id)) };
}

function around(graph: Graph, node: string, depth: number): Graph {
  if (!graph.nodes.some(({ id }) => id === node)) {
    const nearest = suggest(
      node,
      graph.nodes.map(({ id }) => id),
    );
    const rest = nearest ? `Did you mean "${nearest}"?` : 'Ids are like Function/default/orders.';
    throw new TenfoldError('not-found', `The graph has no node "${node.slice(0, 200)}". ${rest}`);
  }
  const next = new Map<string, string[]>();
  const link = (one: string, other: string) => {
    const found = next.get(one);
    if (found) found.push(other);
    else next.set(one, [other]);
  };
  for (const { from, to } of graph.edges) {
    link(from, to);
    link(to, from);
  }
  const reached = new Set([node]);
  let edge: readonly string[] = [node];
  for (let step = 0; step < depth; step++) {
    edge = edge.flatMap(id => next.get(id) ?? []).filter(id => !reached.has(id));
    for (const id of edge) reached.add(id);
  }
  return keep(graph, ({ id }) => reached.has(id));
}

function grouped(graph: Graph, by: NonNullable<GraphQuery['group']>): Graph {
  const groupOf = ({ namespace = '', kind }: GraphNode) => (by === 'kind' ? `${kind}/${namespace}` : namespace);
  const groups = new Map(graph.nodes.map(node => [node.id, groupOf(node)]));
  const nodes = [...Map.groupBy(graph.nodes, groupOf)].map(([id, members]): GraphNode => {
    const [first] = members;
    const kind = by === 'kind' ? (first?.kind ?? '') : 'Namespace';
    return {
      ...{ id, kind, name: by === 'kind' ? kind : id || OUTSIDE },
      ...(first?.namespace !== undefined && { namespace: first.namespace }),
      ...{ nodes: members.length, unhealthy: members.filter(({ healthy }) => healthy === 'False').length },
      counts: added(members.map(({ counts = {} }) => counts)),
    };
  });
  const edges = Map.groupBy(graph.edges, ({ from, to, how }) => `${groups.get(from)} ${groups.get(to)} ${how}`);
  return {
    ...graph,
    nodes,
    edges: [...edges.values()].flatMap(members => {
      const [first] = members;
      if (first === undefined) return [];
      return [mergeEdges(groups.get(first.from) ?? '', groups.get(first.to) ?? '', members, first.how)];
    }),
  };
}

function mergeEdges(from: string, to: string, members: readonly GraphEdge[], how: GraphEdge['how']): GraphEdge {
  const lags = members.flatMap(({ lag }) => lag ?? []);
  const flows = members.flatMap(({ flow }) => flow ?? []);
  return {
    ...{ from, to, how, count: members.length },
    ...(flows.length > 0 && { flow: addFlows(flows) }),
    ...(lags.length > 0 && { lag: lags.reduce((sum, lag) => sum + lag, 0) }),
  };
}

function addFlows(flows: readonly GraphFlow[]): GraphFlow {
  const { total = 0, errors = 0, perSecond, errorsPerSecond } = added(flows.map(numbersOf));
  const since = flows.flatMap(flow => flow.since ?? []).sort()[0];
  return {
    ...{ total, errors },
    ...(perSecond !== undefined && { perSecond }),
    ...(errorsPerSecond !== undefined && { errorsPerSecond }),
    ...(since !== undefined && { since }),
    covers: flows.every(({ covers }) => covers === 'platform') ? 'platform' : 'process',
  };
}

function numbersOf({ total, errors, perSecond, errorsPerSecond }: GraphFlow): Readonly<Record<string, number>> {
  const rates = perSecond === undefined || errorsPerSecond === undefined ? {} : { perSecond, errorsPerSecond };
  return { total, errors, ...rates };
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of all) for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function assertReadable({ nodes, edges }: Graph, { group, node }: GraphQuery): void {
  if (nodes.length <= MOST_NODES && edges.length <= MOST_EDGES) return;
  const fewer =
    node === undefined ? 'a "namespace", some "kind", or the neighbours of one "node"' : 'a smaller "depth"';
  const more = group === 'namespace' ? '' : `, or for groups: "group=${group === undefined ? 'kind' : 'namespace'}"`;
  const message = `The graph has ${nodes.length} nodes and ${edges.length} edges, and an answer has at most ${MOST_NODES} and ${MOST_EDGES}. Ask for ${fewer}${more}.`;
  throw new TenfoldError('query-too-large', message, {
    extensions: {
      nodes: nodes.length,
      edges: edges.length,
      kinds: mostOf(nodes.map(({ kind }) => kind)),
      namespaces: mostOf(nodes.flatMap(({ namespace }) => namespace ?? [])),
    },
  });
}

function mostOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(words, word => word)].map(([word, { length }]) => [word, length] as const);
  return Object.fromEntries(counts.toSorted(([, one], [, other]) => other - one).slice(0, MOST_NAMED));
}
