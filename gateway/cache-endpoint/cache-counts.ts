// Counts the results of the cache endpoint since the process began, by namespace, for metrics.

export const CACHE_RESULTS = ['hit', 'miss', 'stale', 'lease', 'busy', 'set', 'refused', 'deleted', 'purged'] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];

export interface CacheEndpointCounts {
  /** By namespace and result. */
  readonly results: ReadonlyMap<string, Readonly<Record<CacheResult, number>>>;
  /** Requests that wait now for a value that others make. */
  readonly waiting: number;
  /** Requests that have waited. */
  readonly waits: number;
}

export interface CacheCounter extends CacheEndpointCounts {
  waiting: number;
  waits: number;
  count(namespace: string, result: CacheResult): void;
}

export function createCacheCounter(): CacheCounter {
  const results = new Map<string, Record<CacheResult, number>>();
  return {
    results,
    waiting: 0,
    waits: 0,
    count(namespace, result) {
      let counts = results.get(namespace);
      if (counts === undefined) {
        counts = { hit: 0, miss: 0, stale: 0, lease: 0, busy: 0, set: 0, refused: 0, deleted: 0, purged: 0 };
        results.set(namespace, counts);
      }
      counts[result]++;
    },
  };
}
