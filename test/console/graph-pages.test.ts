// What the page of the graph computes: where boxes stand, what a line says, and how fine a graph is
// asked for.
import assert from 'node:assert/strict';
import type { Graph, GraphEdge, GraphNode } from '../../admin/graph/graph-view.ts';
import { BOX, keyOfEdge, layOut, nearest } from '../../console/pages/graph/layout.ts';
import { isReadable } from '../../console/pages/graph/readable.ts';

describe('the drawing of a graph', () => {
  const edge = (from: string, to: string): GraphEdge => ({ from, to, how: 'calls', count: 1 });
  /** Kinds in layers, each of which leads to the next. */
  const layered = (layers: number, width: number) => {
    const nodes = Array.from({ length: layers * width }, (_, at) => `n${at}`);
    const edges = nodes.flatMap((from, at) =>
      at + width < nodes.length ? [edge(from, `n${at + width}`), edge(from, `n${at - (at % width) + width}`)] : [],
    );
    return { nodes, edges: [...new Map(edges.map(each => [keyOfEdge(each), each])).values()] };
  };

  for (const direction of ['right', 'down'] as const)
    it(`puts no box on another, and each after what leads to it, ${direction}`, () => {
      const { nodes, edges } = layered(6, 5);
      const { boxes, lines, width, height } = layOut(nodes, edges, direction);
      const placed = [...boxes.values()];
      for (const [at, one] of placed.entries()) {
        assert.ok(one.x - BOX.width / 2 >= 0 && one.x + BOX.width / 2 <= width, `${one.x} of ${width}`);
        assert.ok(one.y - BOX.height / 2 >= 0 && one.y + BOX.height / 2 <= height, `${one.y} of ${height}`);
        for (const other of placed.slice(at + 1))
          assert.ok(Math.abs(one.x - other.x) >= BOX.width || Math.abs(one.y - other.y) >= BOX.height);
      }
      for (const each of edges) {
        const [from, to] = [boxes.get(each.from), boxes.get(each.to)];
        assert.ok(from && to && (direction === 'right' ? from.x < to.x : from.y < to.y));
        assert.match(lines.get(keyOfEdge(each))?.path ?? '', /^M\d+ \d+[LQ]/);
      }
    });

  it('draws circles, and two edges between the same boxes', () => {
    const edges = [edge('a', 'b'), edge('b', 'a'), edge('a', 'a'), { ...edge('a', 'b'), how: 'sends' as const }];
    const { boxes, lines } = layOut(['a', 'b'], edges, 'right');
    assert.equal(boxes.size, 2);
    assert.equal(new Set([...lines.values()].map(({ path }) => path)).size, 4);
  });

  it('has a place for the group of what is in no namespace, whose id is empty', () => {
    const { boxes, lines } = layOut(['', 'shop'], [edge('shop', '')], 'right');
    assert.deepEqual([[...boxes.keys()], lines.size], [['', 'shop'], 1]);
  });

  it('leads by an arrow key to the next box in that direction, and to none beyond the last', () => {
    const boxes = new Map([
      ['here', { x: 0, y: 0 }],
      ['near', { x: 100, y: 10 }],
      ['far', { x: 90, y: 300 }],
      ['below', { x: 0, y: 60 }],
    ]);
    assert.equal(nearest(boxes, 'here', { x: 1, y: 0 }), 'near');
    assert.equal(nearest(boxes, 'here', { x: 0, y: 1 }), 'below');
    assert.equal(nearest(boxes, 'here', { x: -1, y: 0 }), undefined);
    assert.equal(nearest(boxes, 'nobody', { x: 1, y: 0 }), undefined);
  });

  it('is not made of more boxes or lines than can be read', () => {
    const graph = (nodes: number, edges: number): Pick<Graph, 'nodes' | 'edges'> => ({
      nodes: Array.from({ length: nodes }, (_, at): GraphNode => ({ id: `${at}`, kind: 'Topic', name: `${at}` })),
      edges: Array.from({ length: edges }, () => edge('0', '1')),
    });
    assert.deepEqual(
      [graph(80, 160), graph(81, 0), graph(2, 161)].map(each => isReadable(each)),
      [true, false, false],
    );
  });
});
