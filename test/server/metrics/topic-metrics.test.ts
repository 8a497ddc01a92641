// What is measured of Topics that deduplicate.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createPublishCounts } from '../../../gateway/endpoints/publish-counts.ts';
import { registerTopicMetrics } from '../../../server/metrics/topic-metrics.ts';

describe('metrics of topics', () => {
  it('count by Topic what was published again and not appended', async () => {
    const counts = createPublishCounts();
    const registry = new Registry();
    registerTopicMetrics(registry, () => counts);
    for (const name of ['orders', 'orders', 'clicks']) counts.repeated('shop', name);
    const text = await registry.metrics();
    assert.match(text, /^tenfold_topic_repeated_total\{namespace="shop",name="orders"\} 2$/m);
    assert.match(text, /^tenfold_topic_repeated_total\{namespace="shop",name="clicks"\} 1$/m);
  });
});
