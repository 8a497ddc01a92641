// What Prometheus counts, as OTLP counts it.
import assert from 'node:assert/strict';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { toMetricRecords } from '../../../server/tracing/metric-records.ts';

describe('metrics for OTLP', () => {
  it('are counters, gauges and histograms with their labels', async () => {
    const registry = new Registry();
    const registers = [registry];
    new Counter({ name: 'a_total', help: 'A.', labelNames: ['x', 'empty'], registers }).inc({ x: '1', empty: '' }, 3);
    new Gauge({ name: 'b', help: 'B.', registers }).set(-2);
    const histogram = new Histogram({ name: 'c', help: 'C.', buckets: [1, 2], labelNames: ['x'], registers });
    for (const value of [0.5, 1.5, 1.6, 9]) histogram.observe({ x: 'u' }, value);
    histogram.observe({ x: 'v' }, 1);
    assert.deepEqual(await toMetricRecords(registry), [
      { name: 'a_total', help: 'A.', kind: 'counter', points: [{ labels: { x: '1' }, value: 3 }] },
      { name: 'b', help: 'B.', kind: 'gauge', points: [{ labels: {}, value: -2 }] },
      {
        name: 'c',
        help: 'C.',
        kind: 'histogram',
        points: [
          { labels: { x: 'u' }, value: 12.6, histogram: { bounds: [1, 2], counts: [1, 2, 1], count: 4 } },
          { labels: { x: 'v' }, value: 1, histogram: { bounds: [1, 2], counts: [1, 0, 0], count: 1 } },
        ],
      },
    ]);
  });
});
