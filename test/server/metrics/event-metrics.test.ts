// The page for whoever operates it explains every figure of consumers, and no
// figure that is not there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { registerEventMetrics } from '../../../server/metrics/event-metrics.ts';
import { registerFollowerMetrics } from '../../../server/metrics/follower-metrics.ts';
import { registerViewMetrics } from '../../../server/metrics/view-metrics.ts';

describe('docs/guides/one-machine.md', () => {
  it('explains every metric of Views, and only such', () => {
    const text = readFileSync(new URL('../../../docs/guides/one-machine.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^\| `(tenfold_view_\w+)`/gm)].map(([, name]) => name);
    const registry = new Registry();
    registerViewMetrics(registry, async () => []);
    registerFollowerMetrics(registry, () => []);
    const found = registry.getMetricsAsArray().map(({ name }) => name);
    assert.deepEqual(explained.sort(), found.sort());
  });

  it('has the followers of Views as they are counted', async () => {
    const registry = new Registry();
    const counts = { followers: 3, events: 20, anew: 2, cut: 1, refused: 4, lost: 5 };
    registerFollowerMetrics(registry, () => [{ namespace: 'shop', name: 'orders', ...counts }]);
    const text = await registry.metrics();
    for (const [name, value] of [
      ['followers', 3],
      ['follower_events_total', 20],
      ['followers_anew_total', 2],
      ['followers_cut_total', 1],
      ['followers_refused_total', 4],
      ['followers_lost_total', 5],
    ])
      assert.ok(text.includes(`tenfold_view_${name}{namespace="shop",name="orders"} ${value}\n`), text);
  });

  it('has figures of Views that are known, and none of those that are not', async () => {
    const registry = new Registry();
    const report = {
      namespace: 'shop',
      name: 'orders',
      generation: undefined,
      building: { generation: 'a', since: '2026-11-25T12:00:00Z', folded: 1, behind: 7 },
      state: 'running' as const,
      lastError: undefined,
      behind: undefined,
      asOf: undefined,
      folded: 3,
      repeated: 0,
      refused: 2,
      deadLetters: 0,
      jumped: 0,
    };
    let fails = false;
    registerViewMetrics(registry, async () => (fails ? Promise.reject(new Error('away')) : [report]));
    const lines = async () => (await registry.metrics()).split('\n').filter(line => /^tenfold_view_\w+\{/.test(line));
    const labels = '{namespace="shop",name="orders"}';
    assert.deepEqual(await lines(), [
      `tenfold_view_serving${labels} 0`,
      `tenfold_view_building_records${labels} 7`,
      `tenfold_view_folded_total${labels} 3`,
      `tenfold_view_repeated_total${labels} 0`,
      `tenfold_view_refused_total${labels} 2`,
      `tenfold_view_jumped_total${labels} 0`,
    ]);
    fails = true;
    assert.deepEqual(await lines(), []);
  });

  it('explains every metric of consumers, and only such', () => {
    const text = readFileSync(new URL('../../../docs/guides/one-machine.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^\| `(tenfold_consumer_\w+)`/gm)].map(([, name]) => name);
    const registry = new Registry();
    registerEventMetrics(registry, () => []);
    assert.deepEqual(
      explained.sort(),
      registry
        .getMetricsAsArray()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
