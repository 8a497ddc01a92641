// Counts the results of a route's cache since the start, for metrics.

export interface CacheCounts {
  /** Fresh answers given. */
  hits: number;
  /** Answers given past their time while they were fetched anew. */
  stale: number;
  /** Answers given past their time since fetching them failed. */
  staleOnError: number;
  misses: number;
  /** Answers given to who had waited for the fetch of another one. */
  collapsed: number;
  /** Requests that the cache has nothing to do with. */
  bypassed: number;
  stored: number;
  refreshes: number;
}

export function createCacheCounts(): CacheCounts {
  return { hits: 0, stale: 0, staleOnError: 0, misses: 0, collapsed: 0, bypassed: 0, stored: 0, refreshes: 0 };
}
