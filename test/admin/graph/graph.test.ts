// The graph of an application: an edge for each name that a resource declares, in the direction in
// which events and requests go, with what is known of the traffic.
import assert from 'node:assert/strict';
import type { Graph, GraphEdge } from '../../../admin/graph/graph-view.ts';
import { createGraphs } from '../../../admin/graph/graphs.ts';
import { MOST_NODES, narrowGraph } from '../../../admin/graph/narrow.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { AUTH, adminPorts } from '../running-admin.ts';
import { type ShopNumbers, shopResources, shopView } from './shop.ts';

const short = (id: string) => id.replace('/shop/', ' ').replace('//', ' ');
const say = ({ from, how, to, count }: GraphEdge) =>
  `${short(from)} ${how} ${short(to)}${count === 1 ? '' : ` x${count}`}`;
const find = ({ edges }: Graph, from: string, to: string) =>
  edges.find(edge => short(edge.from) === from && short(edge.to) === to) ?? assert.fail(`${from} to ${to}`);
const ALL = { has: () => true };

describe('the graph of an application', () => {
  const start = adminPorts();
  let numbers: ShopNumbers;
  beforeEach(() => {
    numbers = { delivered: 40, requests: 12, away: false };
  });
  const whole = () => createGraphs(shopView(numbers), realWorld)();

  it('has an edge for each name that a resource declares, and for listeners, addresses and caches', async () => {
    const { edges, nodes } = await whole();
    assert.deepEqual(edges.map(say).sort(), [
      'Aggregate page calls Function menu',
      'Api web calls Aggregate page',
      'Api web calls Function menu x2',
      'Api web queries View sold',
      'Api web sends Queue exports',
      'Api web sends Topic orders',
      'Api web stores Cache web',
      'FanOut labels calls Function menu',
      'Listener public serves Api web',
      'Queue exports calls Function menu',
      'Subscription feed feeds View sold',
      'Subscription feed sends Topic late',
      'Subscription wall calls Url https://wall.example',
      'Topic late read-by View sold',
      'Topic orders read-by FanOut labels',
      'Topic orders read-by Subscription feed',
      'Topic orders read-by Subscription wall',
    ]);
    assert.equal(nodes.length, shopResources().length + 3);
    assert.ok(!JSON.stringify({ edges, nodes }).includes('/hook'));
  });

  it('says what goes along, what waits, and of which processes that is', async () => {
    const graph = await whole();
    const read = find(graph, 'Topic orders', 'Subscription wall');
    assert.deepEqual([read.lag, read.flow], [7, { total: 40, errors: 0, covers: 'platform' }]);
    const call = find(graph, 'Subscription wall', 'Url https://wall.example');
    assert.deepEqual(call.flow, { total: 44, errors: 4, covers: 'platform' });
    assert.deepEqual(find(graph, 'Queue exports', 'Function menu').lag, 2);
    assert.deepEqual(find(graph, 'Listener public', 'Api web').flow, { total: 12, errors: 1, covers: 'process' });
    assert.deepEqual(find(graph, 'Api web', 'Cache web').flow?.total, 5);
    const wall = graph.nodes.find(({ id }) => id === 'Subscription/shop/wall');
    assert.deepEqual(wall?.counts, { lag: 7, inFlight: 1, parkedKeys: 1, deadLetters: 0 });
    assert.equal(wall?.healthy, 'False');
  });

  it('says that numbers are not known, and is there all the same', async () => {
    numbers.away = true;
    const { edges, unknown } = await whole();
    assert.equal(edges.length, 17);
    assert.match(unknown[0] ?? '', /no numbers of consumers are known\.$/);
  });

  it('is narrowed to a namespace, to kinds, and to the neighbours of a node', async () => {
    const graph = await whole();
    const ask = (query: object) => narrowGraph(graph, { depth: 1, ...query }, ALL);
    assert.deepEqual(ask({ namespace: 'other' }).nodes, []);
    assert.deepEqual(ask({ namespace: 'shop' }).nodes.length, graph.nodes.length);
    const kinds = ask({ kinds: ['Topic', 'Subscription'] });
    assert.deepEqual(kinds.edges.map(say).sort(), [
      'Subscription feed sends Topic late',
      'Topic orders read-by Subscription feed',
      'Topic orders read-by Subscription wall',
    ]);
    const near = (depth: number) => ask({ node: 'Subscription/shop/wall', depth }).nodes.map(({ id }) => short(id));
    assert.deepEqual(near(1).sort(), ['Subscription wall', 'Topic orders', 'Url https://wall.example']);
    assert.ok(near(2).includes('Api web') && !near(2).includes('Function menu'));
    assert.throws(() => ask({ node: 'Subscription/shop/wal' }), /Did you mean "Subscription\/shop\/wall"\?/);
  });

  it('is put into groups, with sums', async () => {
    const { nodes, edges } = narrowGraph(await whole(), { depth: 1, group: 'kind' }, ALL);
    const topics = nodes.find(({ kind }) => kind === 'Topic');
    assert.deepEqual([topics?.nodes, topics?.id], [2, 'Topic/shop']);
    const read = edges.find(({ from, to }) => from === 'Topic/shop' && to === 'Subscription/shop');
    assert.deepEqual([read?.count, read?.lag, read?.flow?.total], [2, 7, 40]);
    const one = narrowGraph(await whole(), { depth: 1, group: 'namespace' }, ALL);
    assert.deepEqual(one.nodes.map(({ id, name, nodes: members }) => [id, name, members]).sort(), [
      ['', 'outside', 2],
      ['shop', 'shop', 11],
    ]);
  });

  it('is refused where nobody could read it, with what to ask for instead', async () => {
    const many = Array.from({ length: MOST_NODES + 1 }, (_, at) =>
      fakeResource('Topic', `t${at}`, { namespace: at % 2 === 0 ? 'even' : 'odd' }),
    );
    const graph = await createGraphs(shopView(numbers, many), realWorld)();
    try {
      narrowGraph(graph, { depth: 1 }, ALL);
      assert.fail('it is too large');
    } catch (error) {
      assert.ok(error instanceof TenfoldError);
      assert.equal(error.code, 'query-too-large');
      assert.match(error.message, /has 2001 nodes.*at most 2000.*"group=kind"/);
      assert.deepEqual(error.extensions['namespaces'], { even: 1001, odd: 1000 });
    }
    assert.equal(narrowGraph(graph, { depth: 1, namespace: 'even' }, ALL).nodes.length, 1001);
    assert.equal(narrowGraph(graph, { depth: 1, group: 'kind' }, ALL).nodes.length, 2);
  });

  it('shows a caller nothing of other namespaces, also not in groups', async () => {
    const graph = await whole();
    const { nodes, edges } = narrowGraph(graph, { depth: 1 }, { has: () => false });
    assert.deepEqual([nodes, edges], [[], []]);
    assert.deepEqual(narrowGraph(graph, { depth: 1, group: 'kind' }, { has: () => false }).nodes, []);
  });

  it('tells nobody of addresses and listeners that only hidden resources have to do with', async () => {
    const graph = await whole();
    for (const node of ['Url//https://wall.example', 'Url//https://wall.exampl', 'Listener//public']) {
      assert.throws(
        () => narrowGraph(graph, { depth: 1, node }, { has: () => false }),
        (error: TenfoldError) => error.code === 'not-found' && !error.message.includes('Did you mean'),
      );
    }
  });

  it('is served, and refuses what it does not know', async () => {
    const ask = await start(shopView(numbers));
    const { status, body } = await ask<Graph>('/api/graph?kind=topics,listener');
    assert.equal(status, 200);
    assert.deepEqual(body.nodes.map(({ id }) => short(id)).sort(), ['Topic late', 'Topic orders']);
    for (const [query, says] of [
      ['?kind=tpoic', /Did you mean/],
      ['?group=x', /must be one of kind, namespace/],
      ['?depth=2', /goes with "node"/],
      ['?node=Topic/shop/orders&depth=11', /from 1 to 10/],
    ] as const) {
      const refused = await ask(`/api/graph${query}`, AUTH);
      assert.equal(refused.status, 400);
      assert.match(refused.body.detail ?? '', says);
    }
    assert.equal((await ask('/api/graph?node=Topic/shop/x')).status, 404);
  });
});
