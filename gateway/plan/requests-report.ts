// The shape in which people read the recent requests of an Aggregate: the times of the parts of
// each request, and a summary for each part.

export type Outcome = 'ok' | 'stale' | 'fallback' | 'failed' | 'skipped';

/**
 * `input`: a part that it needs has no answer. `condition`: its `when` did not hold. `cancelled`:
 * the aggregate failed before, through another part.
 */
export type Reason =
  | 'timeout'
  | 'busy'
  | 'not-found'
  | 'forbidden'
  | 'refused'
  | 'no-answer'
  | 'expression'
  | 'invalid-input'
  | 'input'
  | 'condition'
  | 'cancelled';

export interface PartReport {
  readonly name: string;
  /** `skipped`: it was not called, or was given up; the reason says why. */
  readonly outcome: Outcome;
  /** Why there is no answer of its own. */
  readonly reason?: Reason;
  /** Status of an answer that was no success. */
  readonly status?: number;
  /** Age of an answer from the cache, milliseconds. */
  readonly ageMs?: number;
  /** The gateway made a second call, as the first was slow. */
  readonly hedged?: true;
  /** Milliseconds from the beginning of the request; absent for a part that was not called. */
  readonly beganMs?: number;
  readonly tookMs?: number;
  /** The answer would have come earlier had this part. */
  readonly critical?: true;
  /** The parts that it waits for. */
  readonly waitsFor: readonly string[];
}

export interface RequestReport {
  /** RFC 3339: when it came. */
  readonly at: string;
  readonly trace: string;
  /** Milliseconds until the answer was made, or the caller left. */
  readonly tookMs: number;
  /** Milliseconds until all parts were there, or the answer was lost. */
  readonly partsMs: number;
  /** Status of the answer; absent when the caller left before. */
  readonly status?: number;
  /** The error in place of an answer. */
  readonly code?: string;
  readonly parts: readonly PartReport[];
}

/** One part over the newest requests. */
export interface PartSummary {
  readonly name: string;
  /** The requests in which it was called, and ended before the request did. */
  readonly calls: number;
  /** Half of these calls took at most so many milliseconds; absent without any. */
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  /** The calls without an answer of its own, those with a fallback among them. */
  readonly failed: number;
  /** The requests in which it made the answer late. */
  readonly critical: number;
}

export interface RequestsReport {
  /** How many of the newest requests the summary is of. */
  readonly counted: number;
  /** In the order in which the resource has them. */
  readonly parts: readonly PartSummary[];
  /** The newest first. */
  readonly newest: readonly RequestReport[];
  /** The slowest first, of the last hour. */
  readonly slowest: readonly RequestReport[];
}

export const noRequests: RequestsReport = { counted: 0, parts: [], newest: [], slowest: [] };
