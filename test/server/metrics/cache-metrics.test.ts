// The metrics of the cache endpoint: what happened, and nothing of which nobody knows.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createCacheCounter } from '../../../gateway/cache-endpoint/cache-counts.ts';
import { createInstruments } from '../../../gateway/plan/instruments.ts';
import { registerPolicyMetrics } from '../../../gateway/policy-metrics.ts';
import { registerCacheMetrics } from '../../../server/metrics/cache-metrics.ts';

describe('metrics of the cache', () => {
  it('count results by namespace, and those who wait', async () => {
    const registry = new Registry();
    const counts = createCacheCounter();
    // They share a beginning with those of the gateway's response cache, and no name.
    registerPolicyMetrics(registry, createInstruments);
    registerCacheMetrics(registry, () => counts);
    counts.count('shop', 'hit');
    counts.count('shop', 'hit');
    counts.count('bank', 'purged');
    counts.waiting = 3;
    counts.waits = 5;
    for (let twice = 0; twice < 2; twice++) {
      const text = await registry.metrics();
      assert.match(text, /tenfold_cache_endpoint_requests_total\{namespace="shop",result="hit"\} 2\n/);
      assert.match(text, /tenfold_cache_endpoint_requests_total\{namespace="bank",result="purged"\} 1\n/);
      assert.match(text, /tenfold_cache_endpoint_waits_total 5\n/);
      assert.match(text, /tenfold_cache_endpoint_waiting 3\n/);
    }
  });

  it('are empty without a store', async () => {
    const registry = new Registry();
    registerCacheMetrics(registry, () => undefined);
    assert.doesNotMatch(await registry.metrics(), /^tenfold_cache_endpoint_requests_total\{/m);
  });
});
