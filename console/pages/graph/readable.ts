// Decides whether a graph can be drawn so that somebody can read it.
import type { Graph } from '../../../admin/graph/graph-view.ts';

const MOST_BOXES = 80;
const MOST_LINES = 160;

export function isReadable({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): boolean {
  return nodes.length <= MOST_BOXES && edges.length <= MOST_LINES;
}
