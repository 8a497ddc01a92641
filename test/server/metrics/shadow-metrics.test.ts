// Metrics of Stranglers' comparisons: what the alert compares, by the limit of each feature.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { registerShadowMetrics } from '../../../server/metrics/shadow-metrics.ts';
import { fakeFeature, fakeStrangler } from '../../fakes/strangler-report.ts';

describe('metrics of shadows', () => {
  it('say for each feature in shadow how many of its answers may differ', async () => {
    const registry = new Registry();
    const features = [
      fakeFeature('orders', { phase: 'shadow', maxMismatch: 0.05 }),
      fakeFeature('items', { phase: 'shadow' }),
      fakeFeature('menu', { phase: 'canary' }),
    ];
    registerShadowMetrics(registry, () => [fakeStrangler('shop', features)]);
    const lines = (await registry.metrics()).split('\n').filter(line => line.includes('max_mismatch{'));
    assert.deepEqual(lines, [
      'tenfold_strangler_shadow_max_mismatch{namespace="default",strangler="shop",feature="orders"} 0.05',
      'tenfold_strangler_shadow_max_mismatch{namespace="default",strangler="shop",feature="items"} 0.001',
    ]);
  });
});
