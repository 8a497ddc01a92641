// Circles are found wherever they are in a graph, each once.
import assert from 'node:assert/strict';
import { circlesOf } from './circles.ts';

const graphOf = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

describe('circles of imports', () => {
  it('are none where nothing leads back', () => {
    assert.deepEqual(circlesOf(graphOf({ a: ['b', 'c'], b: ['c'], c: [] })), []);
  });

  it('are found behind what is no circle, and each once', () => {
    const graph = graphOf({ a: ['b'], b: ['c', 'd'], c: ['b'], d: ['e'], e: ['f'], f: ['d', 'e'] });
    assert.deepEqual(circlesOf(graph), [
      ['d', 'e', 'f'],
      ['b', 'c'],
    ]);
  });
});
