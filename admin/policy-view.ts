// Caches, breakers, limits and retries in the admin API: their state, by the resource that declares
// them.

/** The resource that declares a policy. */
export interface PolicyOwner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Pattern of the route, or name of the part; empty for the resource as a whole. */
  readonly route: string;
  /** The target of the calls, e.g. `function orders`; empty for a cache. */
  readonly target: string;
}

export interface BreakerView extends PolicyOwner {
  readonly state: 'closed' | 'open' | 'half-open';
  /** The calls in its window. */
  readonly calls: number;
  readonly failed: number;
  /** Since the start: how often it opened, and calls that it refused. */
  readonly opened: number;
  readonly refused: number;
}

export interface LimitsReport extends PolicyOwner {
  readonly inFlight: number;
  readonly waiting: number;
  /** Since the start. */
  readonly refused: number;
  readonly delayed: number;
  /** How long the function still asks to be left alone. */
  readonly pausedForMs: number;
  /** The part of shared limits that this process holds. */
  readonly held: { readonly concurrency?: number | undefined; readonly rate?: number | undefined };
}

export interface RetriesView extends PolicyOwner {
  /** Since the start. */
  readonly calls: number;
  readonly retries: number;
  /** Retries that the budget did not allow. */
  readonly refused: number;
}

export interface PolicyReport {
  readonly breakers: readonly BreakerView[];
  readonly limits: readonly LimitsReport[];
  readonly retries: readonly RetriesView[];
}

export interface RouteCacheView extends PolicyOwner {
  readonly hits: number;
  readonly stale: number;
  readonly staleOnError: number;
  readonly misses: number;
  readonly collapsed: number;
  readonly bypassed: number;
  readonly stored: number;
  readonly refreshes: number;
}

export interface CacheReport {
  /** Cached answers now, and their memory. */
  readonly answers: number;
  readonly bytes: number;
  readonly routes: readonly RouteCacheView[];
}

/** The answers to purge; all given members must hold, and at least one must be given. */
export interface PurgeQuery {
  readonly namespace?: string;
  readonly api?: string;
  readonly route?: string;
  readonly path?: string;
  readonly prefix?: string;
  readonly tag?: string;
}

export interface PurgeReport {
  /** Answers that were forgotten by the process that was asked. */
  readonly purged: number;
}

export interface PolicyControl {
  report(): PolicyReport;
  cache(): CacheReport;
  /**
   * Here at once, in all other processes within a second once it resolves. Answers with how
   * many were forgotten here.
   */
  purge(query: PurgeQuery): Promise<number>;
}

/** While nothing runs that has any. */
export const noPolicies: PolicyControl = {
  report: () => ({ breakers: [], limits: [], retries: [] }),
  cache: () => ({ answers: 0, bytes: 0, routes: [] }),
  purge: async () => 0,
};
