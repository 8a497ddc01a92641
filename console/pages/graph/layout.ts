// Decides where the boxes and the lines of a drawing stand. It depends on what leads to what alone,
// so that numbers that change move nothing.
import { Graph as Drawing, layout } from '@dagrejs/dagre';
import type { GraphEdge } from '../../../admin/graph/graph-view.ts';

export const BOX = { width: 172, height: 52 };
/** Room for the numbers of an edge. */
const LABEL = { width: 64, height: 18 };
const MARGIN = 16;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres of boxes, by the ids of nodes. */
  readonly boxes: ReadonlyMap<string, Point>;
  readonly lines: ReadonlyMap<string, Line>;
}

export interface Line {
  /** The text is that of an SVG path. */
  readonly path: string;
  /** The centre of its label. */
  readonly label: Point;
}

export type EdgeName = Pick<GraphEdge, 'from' | 'to' | 'how'>;

export function keyOfEdge({ from, to, how }: EdgeName): string {
  return `${from} ${to} ${how}`;
}

/** `down`: from the top to the bottom, for narrow windows. */
export function layOut(nodes: readonly string[], edges: readonly EdgeName[], direction: 'right' | 'down'): Layout {
  const drawing = new Drawing({ multigraph: true });
  const isDown = direction === 'down';
  drawing.setGraph({
    rankdir: isDown ? 'TB' : 'LR',
    nodesep: isDown ? 20 : 18,
    ranksep: isDown ? 36 : 28,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  for (const id of nodes) drawing.setNode(nameOf(id), { ...BOX });
  for (const edge of edges)
    drawing.setEdge(nameOf(edge.from), nameOf(edge.to), { ...LABEL, labelpos: 'c' }, keyOfEdge(edge));
  layout(drawing);
  const { width = 0, height = 0 } = drawing.graph();
  return {
    ...{ width, height },
    boxes: new Map(nodes.map(id => [id, pointOf(drawing.node(nameOf(id)))])),
    lines: new Map(
      edges.map(edge => {
        const { points = [], x, y } = drawing.edge(nameOf(edge.from), nameOf(edge.to), keyOfEdge(edge));
        return [keyOfEdge(edge), { path: pathThrough(points), label: pointOf({ x, y }) }];
      }),
    ),
  };
}

/** The library takes an empty name for none: the id of the group outside of namespaces. */
function nameOf(id: string): string {
  return `node ${id}`;
}

/** The next box in a direction: what is aside counts twice. */
export function nearest(boxes: ReadonlyMap<string, Point>, from: string, way: Point): string | undefined {
  const here = boxes.get(from);
  if (here === undefined) return undefined;
  const found = [...boxes].flatMap(([id, { x, y }]) => {
    const along = (x - here.x) * way.x + (y - here.y) * way.y;
    const aside = Math.abs((x - here.x) * way.y) + Math.abs((y - here.y) * way.x);
    return along > 0 ? [{ id, far: along + 2 * aside }] : [];
  });
  return found.toSorted((one, other) => one.far - other.far)[0]?.id;
}

function pointOf({ x = 0, y = 0 }: { readonly x?: number | undefined; readonly y?: number | undefined }): Point {
  return { x, y };
}

/** Straight where it ends, and round between: through the middles of the parts. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...others] = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  const last = others.pop();
  if (first === undefined || last === undefined) return '';
  const curves = others.map((bend, index) => {
    const next = others[index + 1] ?? last;
    const end = index === others.length - 1 ? last : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    return `Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y}${curves.length === 0 ? `L${last.x} ${last.y}` : curves.join('')}`;
}
