// Metrics of the cache endpoint: the results of requests, and how many wait for a value that others
// make.
import { Counter, Gauge, type Registry } from 'prom-client';
import { CACHE_RESULTS, type CacheEndpointCounts } from '../../gateway/cache-endpoint/cache-counts.ts';

export function registerCacheMetrics(registry: Registry, counts: () => CacheEndpointCounts | undefined): void {
  new Counter({
    name: 'tenfold_cache_endpoint_requests_total',
    help:
      'Requests at the cache endpoint by result: hit, miss (a read of nothing), lease (nothing was there, the caller makes it), ' +
      'stale or busy (another caller makes it), set, refused (a condition did not hold), deleted, purged.',
    labelNames: ['namespace', 'result'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [namespace, results] of counts()?.results ?? [])
        for (const result of CACHE_RESULTS) this.inc({ namespace, result }, results[result]);
    },
  });
  new Counter({
    name: 'tenfold_cache_endpoint_waits_total',
    help: 'Requests that waited for a value that another caller made.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(counts()?.waits ?? 0);
    },
  });
  new Gauge({
    name: 'tenfold_cache_endpoint_waiting',
    help: 'Requests that wait for one now.',
    registers: [registry],
    collect() {
      this.set(counts()?.waiting ?? 0);
    },
  });
}
