// Which change of a function OpenFaaS was asked for and did not make: it is asked
// again, ever more rarely. Pure.
import { longestPause } from '../../../core/retry/backoff.ts';

export interface Attempt {
  /** The version of the wanted object. */
  readonly applied: string;
  readonly at: number;
  /** The status of success that it answered with. */
  readonly status: number;
  /** How often the same change was asked for. */
  readonly count: number;
}

/** The one answer that means that it takes the request. */
export const TAKEN = 202;

/** Its gateway answers from a cache, which follows a moment later. */
const TOLD_WITHIN_MS = 30_000;
const NOT_TAKEN = { base: 10_000, max: 5 * 60_000 };
/** A change that is taken replaces all instances, so one that does not last is repeated rarely. */
const NOT_KEPT = { base: 5 * 60_000, max: 60 * 60_000 };

export function nextAttempt(before: Attempt | undefined, applied: string, status: number, at: number): Attempt {
  const isSame = before?.applied === applied && before.status === status;
  return { applied, at, status, count: isSame ? before.count + 1 : 1 };
}

/**
 * Whether its report may still be of the state before. A change that did not last the first time
 * does not count.
 */
export function isRecent({ status, at, count }: Attempt, now: number): boolean {
  return status === TAKEN && count === 1 && now - at < TOLD_WITHIN_MS;
}

/** Milliseconds until the same change is asked for again; 0 and below: now. */
export function againInMs({ status, at, count }: Attempt, now: number): number {
  return at + longestPause(count, status === TAKEN ? NOT_KEPT : NOT_TAKEN) - now;
}
