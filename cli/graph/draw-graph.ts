// The graph of an application as text that Mermaid or Graphviz draws.
import type { Graph, GraphEdge } from '../../admin/graph/graph-view.ts';
import { namesOf, rateText } from './graph-words.ts';

export function toMermaid({ nodes, edges }: Graph): string {
  const { names, numbers } = numbered(nodes);
  const lines = nodes.map(({ id }) => `  n${numbers.get(id)}["${escapeHtml(names.get(id) ?? id)}"]`);
  const arrows = edges.map(edge => {
    const { from, to } = edge;
    return `  n${numbers.get(from)} -- "${labelOf(edge)}" --> n${numbers.get(to)}`;
  });
  return ['flowchart LR', ...lines, ...arrows].join('\n');
}

export function toDot({ nodes, edges }: Graph): string {
  const { names, numbers } = numbered(nodes);
  const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = nodes.map(({ id }) => `  n${numbers.get(id)} [label=${quote(names.get(id) ?? id)}];`);
  const arrows = edges.map(edge => {
    const { from, to } = edge;
    return `  n${numbers.get(from)} -> n${numbers.get(to)} [label=${quote(labelOf(edge))}];`;
  });
  return ['digraph tenfold {', '  rankdir=LR;', ...lines, ...arrows, '}'].join('\n');
}

function numbered(nodes: Graph['nodes']) {
  return { names: namesOf(nodes), numbers: new Map(nodes.map(({ id }, at) => [id, at])) };
}

function labelOf({ how, flow, lag }: GraphEdge): string {
  const rate = rateText(flow?.perSecond);
  return [how, ...(rate === '' ? [] : [rate]), ...(lag === undefined || lag === 0 ? [] : [`lag ${lag}`])].join(', ');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
