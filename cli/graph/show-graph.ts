// Prints the graph of an application: a line for each edge, or text for programs that draw it.
import type { Graph, GraphEdge } from '../../admin/graph/graph-view.ts';
import { resolveKind } from '../../admin/kind-names.ts';
import { counted } from '../../core/units/counted.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { toDot, toMermaid } from './draw-graph.ts';
import { namesOf, rateText } from './graph-words.ts';

export interface GraphRequest {
  readonly namespace: string | undefined;
  readonly kind: string | undefined;
  readonly node: string | undefined;
  readonly depth: string | undefined;
  readonly group: string | undefined;
  readonly format: 'text' | 'json' | 'yaml' | 'mermaid' | 'dot';
}

export async function showGraph(
  client: Pick<AdminClient, 'graph'>,
  { format, node, ...query }: GraphRequest,
  terminal: Terminal,
): Promise<void> {
  const id = node === undefined ? undefined : toId(node, query.namespace ?? 'default');
  // A node names its namespace itself, and its neighbours may be in none.
  const namespace = node === undefined ? query.namespace : undefined;
  const graph = await client.graph({ ...query, namespace, node: id });
  terminal.print(FORMATS[format](graph, terminal));
  if (format !== 'text') return;
  for (const sentence of graph.unknown) terminal.say(terminal.err.yellow(sentence));
}

/** `topic/orders` as `Topic/default/orders`; an id as it is. */
function toId(text: string, namespace: string): string {
  const [kind = '', ...rest] = text.split('/');
  if (rest.length !== 1) return text;
  return `${resolveKind(kind).found ?? kind}/${namespace}/${rest[0]}`;
}

const FORMATS: Readonly<Record<GraphRequest['format'], (graph: Graph, terminal: Terminal) => string>> = {
  text: toText,
  json: graph => renderData(graph, 'json'),
  yaml: graph => renderData(graph, 'yaml'),
  mermaid: toMermaid,
  dot: toDot,
};

function toText({ nodes, edges }: Graph, { out }: Terminal): string {
  const names = namesOf(nodes);
  const name = (id: string) => names.get(id) ?? id;
  const ill = new Set(
    nodes.filter(({ healthy, unhealthy = 0 }) => healthy === 'False' || unhealthy > 0).map(({ id }) => id),
  );
  const columns: readonly Column<GraphEdge>[] = [
    { title: 'FROM', value: edge => name(edge.from), paint: edge => (ill.has(edge.from) ? out.red : undefined) },
    { title: 'HOW', value: edge => edge.how },
    { title: 'TO', value: edge => name(edge.to), paint: edge => (ill.has(edge.to) ? out.red : undefined) },
    { title: 'EDGES', value: edge => edge.count },
    { title: 'RATE', value: ({ flow }) => rateText(flow?.perSecond) },
    { title: 'ERRORS', value: ({ flow }) => rateText(flow?.errorsPerSecond) },
    { title: 'TOTAL', value: ({ flow }) => flow?.total ?? '' },
    { title: 'LAG', value: ({ lag }) => lag ?? '' },
  ];
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const alone = nodes.filter(({ id }) => !linked.has(id)).map(({ id }) => name(id));
  return [
    ...(edges.length === 0 ? [] : [renderTable(columns, edges)]),
    ...(alone.length === 0 ? [] : [`Without edges: ${alone.join(', ')}`]),
    `${counted(nodes.length, 'node')}, ${counted(edges.length, 'edge')}.`,
  ].join('\n\n');
}
