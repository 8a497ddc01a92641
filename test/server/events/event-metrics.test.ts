// The page for whoever operates it explains every figure of consumers, and no figure that is not there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { registerEventMetrics } from '../../../server/events/event-metrics.ts';

describe('docs/guides/operations.md', () => {
  it('explains every metric of consumers, and only such', () => {
    const text = readFileSync(new URL('../../../docs/guides/operations.md', import.meta.url), 'utf8');
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
