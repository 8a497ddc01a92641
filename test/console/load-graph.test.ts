// Loads the graph of an application that is too large for one answer: what the platform refused is
// not asked for again while it still would be.
import assert from 'node:assert/strict';
import { MOST_NODES } from '../../admin/graph/narrow.ts';
import { loadGraph } from '../../console/pages/graph/load-graph.ts';
import { type Answering, answerPages } from './answering.ts';

describe('the graph that the Console loads', () => {
  let platform: Answering | undefined;
  afterEach(() => platform?.close());
  let nodes: number;

  const answer = ({ searchParams }: URL) => {
    const group = searchParams.get('group');
    if (group === null && nodes > MOST_NODES) return Response.json({ detail: 'Too many.' }, { status: 422 });
    const kind = { kind: 'Topic', name: 'Topic', namespace: 'default', nodes: nodes / 2 };
    const groups = [
      { ...kind, id: 'Topic/default' },
      { ...kind, id: 'Queue/default' },
    ];
    const fine = [{ id: 'Topic/default/orders', kind: 'Topic', namespace: 'default', name: 'orders' }];
    return { at: '2026-12-01T00:00:00Z', nodes: group === null ? fine : groups, edges: [], unknown: [] };
  };
  const load = async (namespace?: string) => {
    platform = answerPages(answer);
    try {
      const filter = { namespace, kind: undefined, node: undefined, depth: undefined, group: undefined };
      const { grouping, notes } = await loadGraph(filter, new AbortController().signal);
      return { grouping, notes: notes.length, asked: platform.asked.map(url => url.searchParams.get('group')) };
    } finally {
      platform.close();
    }
  };

  it('asks once more for what was refused only when it may be answered', async () => {
    nodes = MOST_NODES + 2;
    assert.deepEqual(await load(), { grouping: 'kind', notes: 1, asked: [null, 'kind'] });
    for (let times = 0; times < 3; times++)
      assert.deepEqual(await load(), { grouping: 'kind', notes: 1, asked: ['kind'] });
    nodes = MOST_NODES;
    assert.deepEqual(await load(), { grouping: 'none', notes: 0, asked: ['kind', null] });
    assert.deepEqual(await load(), { grouping: 'none', notes: 0, asked: [null] });
  });

  it('asks for the finest where another part of the application is asked for', async () => {
    nodes = MOST_NODES + 2;
    await load();
    assert.deepEqual((await load('team')).asked, [null, 'kind']);
  });
});
