// The counting parts of a plan: breakers, retries, limits and caches by their owners, for metrics
// and the admin API.
import type { CacheCounts } from '../cache/cache-counts.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import type { MemberHealth } from '../split/member-health.ts';
import type { Breaker } from '../upstream/policies/breaker.ts';
import type { CallLimits } from '../upstream/policies/call-limits.ts';
import type { RetryBudget } from '../upstream/policies/retry-budget.ts';

export interface Owner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Pattern of the route, or name of the part; empty for the resource as a whole. */
  readonly route: string;
  /** The target that is called, e.g. `function orders`. */
  readonly target: string;
}

export interface Instrument<T> {
  readonly owner: Owner;
  readonly value: T;
}

/** One target of a split. */
export interface MemberView {
  readonly health: MemberHealth;
  /** Milliseconds for which it would refuse a call. */
  rests(): number;
}

/** Filled while a plan is compiled, by keys that name the owner once. */
export interface Instruments {
  readonly breakers: Map<string, Instrument<Breaker>>;
  readonly retries: Map<string, Instrument<RetryBudget>>;
  readonly limits: Map<string, Instrument<CallLimits>>;
  readonly members: Map<string, Instrument<MemberView>>;
  readonly caches: Map<string, Instrument<CacheCounts>>;
  /** Undefined while no route has a cache. */
  cacheStore: CacheStore | undefined;
}

export function createInstruments(): Instruments {
  return {
    breakers: new Map(),
    retries: new Map(),
    limits: new Map(),
    members: new Map(),
    caches: new Map(),
    cacheStore: undefined,
  };
}
