// Metrics of policies as a scraper sees them.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createCacheCounts } from '../../gateway/cache/cache-counts.ts';
import { createCacheStore } from '../../gateway/cache/cache-store.ts';
import { createInstruments } from '../../gateway/plan/instruments.ts';
import { registerPolicyMetrics } from '../../gateway/policy-metrics.ts';
import { Breaker } from '../../gateway/upstream/policies/breaker.ts';
import { createCallLimits } from '../../gateway/upstream/policies/call-limits.ts';
import { RetryBudget } from '../../gateway/upstream/policies/retry-budget.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';

const owner = { kind: 'Api', namespace: 'default', name: 'shop', route: '/menu/:id', target: 'function menu' };
const labels = 'kind="Api",namespace="default",name="shop",route="/menu/:id"';

describe('metrics of policies', () => {
  let current = createInstruments();
  const registry = new Registry();
  registerPolicyMetrics(registry, () => current);

  it('show state and counts of what the plan in force has, without being added up', async () => {
    const breaker = new Breaker();
    const settings = { errorRate: 0.5, window: 10_000, minimum: 1, open: 1000, probes: 1 };
    breaker.failed(0, settings, 'free');
    breaker.enter(1, settings);
    const budget = new RetryBudget();
    for (let index = 0; index < 12; index++) budget.takeRetry(0, 0.1);
    const limits = createCallLimits(createFakeWorld());
    limits.tryTake({ concurrency: 1, waiting: 0, maxWait: 1 });
    limits.wait({ concurrency: 1, waiting: 0, maxWait: 1 }, { go() {}, tooLate() {}, crowdedOut() {} });
    const shared = createCallLimits(createFakeWorld(), {
      name: 'f',
      budgets: { open: () => ({ allowance: () => 3, need() {}, cold: false, held: 3 }) },
    });
    shared.tryTake({ concurrency: 9, waiting: 0, maxWait: 1 });
    current.limits.set('b', { owner: { ...owner, name: 'shared' }, value: shared });
    current.breakers.set('a', { owner, value: breaker });
    current.retries.set('a', { owner, value: budget });
    current.limits.set('a', { owner, value: limits });
    current.caches.set('a', { owner, value: { ...createCacheCounts(), hits: 7, misses: 2 } });
    current.cacheStore = createCacheStore(1000);
    await registry.metrics();
    const text = await registry.metrics();
    const lines = [
      `tenfold_limits_held{kind="Api",namespace="default",name="shared",route="/menu/:id",target="function menu",limit="concurrency"} 3`,
      `tenfold_circuit_breaker_state{${labels},target="function menu",state="open"} 1`,
      `tenfold_circuit_breaker_state{${labels},target="function menu",state="closed"} 0`,
      `tenfold_circuit_breaker_opened_total{${labels},target="function menu"} 1`,
      `tenfold_circuit_breaker_refused_total{${labels},target="function menu"} 1`,
      `tenfold_retries_total{${labels},target="function menu",result="made"} 10`,
      `tenfold_retries_total{${labels},target="function menu",result="over_budget"} 2`,
      `tenfold_limits_refused_total{${labels},target="function menu"} 1`,
      `tenfold_limits_calls{${labels},target="function menu",state="in_flight"} 1`,
      `tenfold_cache_requests_total{${labels},result="hit"} 7`,
      `tenfold_cache_requests_total{${labels},result="miss"} 2`,
      'tenfold_cache_bytes 0',
    ];
    assert.deepEqual(
      lines.filter(line => !text.split('\n').includes(line)),
      [],
    );
  });

  it('show every breaker where routes differ in nothing but their methods or headers', async () => {
    const settings = { errorRate: 0.5, window: 10_000, minimum: 1, open: 1000, probes: 1 };
    const open = new Breaker();
    open.failed(0, settings, 'free');
    current.breakers.set('a', { owner, value: open });
    current.breakers.set('b', { owner, value: new Breaker() });
    const text = await registry.metrics();
    for (const [state, count] of Object.entries({ open: 1, closed: 1, 'half-open': 0 }))
      assert.ok(
        text.includes(`tenfold_circuit_breaker_state{${labels},target="function menu",state="${state}"} ${count}\n`),
        state,
      );
  });

  it('forget what the plan in force has not', async () => {
    current = createInstruments();
    assert.doesNotMatch(await registry.metrics(), /menu/);
  });
});
