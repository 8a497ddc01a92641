// Counts the results of a route's cache since the start, for metrics.

import type { CacheCounts } from '../plan/instruments.ts';

export function createCacheCounts(): CacheCounts {
  return { hits: 0, stale: 0, staleOnError: 0, misses: 0, collapsed: 0, bypassed: 0, stored: 0, refreshes: 0 };
}
