// The figures of the counting parts of a plan, for metrics and the admin API: breakers, retries,
// limits and caches by their owners.
import type { CallerKind } from '../../core/caller-kind.ts';
import type { Durations } from '../durations.ts';
import type { RequestsReport } from './requests-report.ts';

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

/** A circuit breaker; counts are since the start. */
export interface BreakerView {
  readonly state: BreakerState;
  /** The outcomes in its window. */
  readonly evidence: BreakerEvidence;
  readonly opened: number;
  readonly refused: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Reason for which a circuit breaker opened. */
export interface BreakerEvidence {
  readonly calls: number;
  readonly failed: number;
}

/** A retry budget, since the start. */
export interface RetryView {
  readonly calls: number;
  readonly retries: number;
  readonly refused: number;
}

/**
 * `served`: it got its turn. `refused`: it waited too long, or made room. `left`: its caller left.
 */
export type WaitEnd = 'served' | 'refused' | 'left';

/** The limits of a function, and the pause that it asked for. */
export interface LimitsView {
  readonly inFlight: number;
  readonly waiting: number;
  /** Since the start. */
  readonly refused: number;
  readonly delayed: number;
  readonly pausedForMs: number;
  /** The waits for a turn, by how they ended. */
  readonly waits: Readonly<Record<WaitEnd, Durations>>;
  /**
   * This process's share of limits that it has together with others; undefined where it shares
   * none.
   */
  readonly held: { readonly concurrency?: number | undefined; readonly rate?: number | undefined };
}

/**
 * `ok`: below 400. `problem`: 4xx. `failed`: 5xx, or no whole answer. `timeout`: its time was over,
 * or 504. `refused`: it was never made. `cancelled`: its caller left.
 */
export type CallEnd = 'ok' | 'problem' | 'failed' | 'timeout' | 'refused' | 'cancelled';

/** The durations of the calls of one caller that ended alike. */
export interface EndedCalls {
  readonly by: CallerKind;
  readonly outcome: CallEnd;
  readonly durations: Durations;
}

/** The newest call of a function that failed. */
export interface FailedCall {
  /** When it ended, milliseconds since 1970. */
  readonly at: number;
  readonly outcome: 'failed' | 'timeout';
  readonly trace: string;
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  /** Why, as the function sealed it for the platform. */
  readonly sealed: string | undefined;
}

/**
 * The calls of the last five to ten minutes on behalf of requests and of other functions, those
 * aside that were refused or given up.
 */
export interface RecentCalls {
  readonly calls: number;
  readonly failed: number;
  /** So many have ended well since the newest failure. */
  readonly wellSince: number;
  /** Calls have failed since then, milliseconds since 1970, with no five minutes without one. */
  readonly since: number | undefined;
  readonly newest: FailedCall | undefined;
}

/** All calls of a function, since the start. */
export interface CallTimesView {
  all(): Iterable<EndedCalls>;
  recent(): RecentCalls;
}

/** One target of a split. */
export interface MemberView {
  readonly health: {
    /** Whether it was taken out and has not answered since. */
    readonly isOut: boolean;
    /** How often it was taken out since the start. */
    readonly taken: number;
  };
  /** Milliseconds for which it would refuse a call. */
  rests(): number;
}

/** The results of a route's cache since the start. */
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

/** The cached answers of all routes. */
export interface CachedAnswers {
  readonly size: number;
  readonly bytes: number;
  /** How many answers were forgotten. */
  purge(selector: PurgeSelector): number;
}

/** Selects the answers to purge; all given conditions must hold. */
export interface PurgeSelector {
  readonly namespace?: string | undefined;
  /** Name of the Api. */
  readonly api?: string | undefined;
  /** Pattern of a route. */
  readonly route?: string | undefined;
  /** Path as clients name it. */
  readonly path?: string | undefined;
  /** Beginning of such a path. */
  readonly prefix?: string | undefined;
  /** One of the tags that the answer named in Cache-Tag or Surrogate-Key. */
  readonly tag?: string | undefined;
}

/** The recent requests of an Aggregate. */
export interface RequestsView {
  /** `limit`: the most that it lists of the newest. */
  report(limit: number): RequestsReport;
}

/** Filled while a plan is compiled, by keys that name the owner once. */
export interface Instruments {
  readonly breakers: Map<string, Instrument<BreakerView>>;
  readonly retries: Map<string, Instrument<RetryView>>;
  readonly calls: Map<string, Instrument<CallTimesView>>;
  readonly limits: Map<string, Instrument<{ readonly view: LimitsView }>>;
  readonly members: Map<string, Instrument<MemberView>>;
  readonly caches: Map<string, Instrument<Readonly<CacheCounts>>>;
  /** By namespace and name of the Aggregate, as `default/invoice`. */
  readonly aggregates: Map<string, RequestsView>;
  /** Undefined while no route has a cache. */
  cacheStore: CachedAnswers | undefined;
}

export function createInstruments(): Instruments {
  return {
    breakers: new Map(),
    retries: new Map(),
    calls: new Map(),
    limits: new Map(),
    members: new Map(),
    caches: new Map(),
    aggregates: new Map(),
    cacheStore: undefined,
  };
}
