// How a graph is made: of which resources, when, and with which numbers of their readers.
import assert from 'node:assert/strict';
import type { GraphEdge } from '../../../admin/graph/graph-view.ts';
import { createGraphs } from '../../../admin/graph/graphs.ts';
import { narrowGraph } from '../../../admin/graph/narrow.ts';
import { realWorld } from '../../../core/world.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { readersView, type ShopNumbers, shopResources, shopView } from './shop.ts';

const short = (id: string) => id.replace('/shop/', ' ');
const say = ({ from, how, to }: GraphEdge) => `${short(from)} ${how} ${short(to)}`;
const ALL = { has: () => true };
const numbers: ShopNumbers = { delivered: 40, requests: 12, away: false };

describe('the making of a graph', () => {
  it('has numbers of a reader only where it reads one Topic alone', async () => {
    const graph = await createGraphs(readersView(), realWorld)();
    const lags = graph.edges.map(edge => [say(edge), edge.lag, edge.flow?.total]);
    assert.deepEqual(lags, [
      ['Topic orders read-by View one', 5, 9],
      ['Topic orders read-by View two', undefined, undefined],
      ['Topic late read-by View two', undefined, undefined],
      ['Topic orders read-by Pipeline risk', 2, 8],
      ['View one read-by Pipeline risk', undefined, undefined],
      ['Pipeline risk sends Topic late', undefined, undefined],
    ]);
    // Groups have no more either.
    const { edges } = narrowGraph(graph, { depth: 1, group: 'kind' }, ALL);
    const sum = edges.find(({ from, to }) => from === 'Topic/shop' && to === 'View/shop');
    assert.deepEqual([sum?.count, sum?.lag, sum?.flow?.total], [3, 5, 9]);
  });

  it('says so where the resources are not known yet', async () => {
    const view = shopView(numbers);
    const { nodes, unknown } = await createGraphs(
      { ...view, catalog: { current: undefined, problems: [] } },
      realWorld,
    )();
    assert.ok(!nodes.some(({ kind }) => kind === 'Topic'));
    assert.match(unknown[0] ?? '', /^The resources are not loaded yet/);
  });

  it('has the edges of the newest resources, also where they changed while an answer was made', async () => {
    const view = shopView(numbers);
    const many = Array.from({ length: 250 }, (_, at) => fakeResource('Topic', `t${at}`));
    const [before, after] = [many, [...many, ...shopResources()]].map(all => shopView(numbers, all).catalog);
    let [catalog, now] = [before ?? view.catalog, 0];
    const world = {
      monotonic: () => now,
      after(ms: number, step: () => void) {
        catalog = after ?? view.catalog;
        return realWorld.after(ms, step);
      },
    };
    const graphs = createGraphs(
      {
        ...view,
        catalog: {
          problems: [],
          get current() {
            return catalog.current;
          },
        },
      },
      world,
    );
    assert.equal((await graphs()).nodes.length, 250);
    now = 2_000;
    assert.equal((await graphs()).edges.length, 17);
  });

  it('is made once for all who ask while it is made', async () => {
    const view = shopView(numbers);
    const { resolve, promise } = Promise.withResolvers<void>();
    let [looks, now] = [0, 0];
    const topics = async () => {
      looks++;
      await promise;
      return [];
    };
    const world = { ...realWorld, monotonic: () => now };
    const graphs = createGraphs({ ...view, events: { ...view.events, topics } }, world);
    const first = graphs();
    now = 5_000;
    const second = graphs();
    assert.equal(looks, 1);
    resolve();
    assert.equal(await first, await second);
    await graphs();
    assert.equal(looks, 2);
  });
});
