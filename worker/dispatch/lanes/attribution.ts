// Decides who bears a failed call: the event, as an attempt; the event, without an attempt; or the
// target. Pure.
import type { Failed, Later } from '../../deliver/destination.ts';

/**
 * `attempt`: the failure counts for the event. `aside`: it does not count, and the event waits by
 * itself while others go on. `target`: it does not count, the event stays where it is, and the
 * circuit breaker says when to try again.
 */
export type Bearer = 'attempt' | 'aside' | 'target';

export interface Circumstances {
  /** The target counts as down. */
  readonly open: boolean;
  /** Many different events got no answer. */
  readonly sure: boolean;
  /**
   * How long failures of this event have been put down to the target, milliseconds; where many
   * events fail, since its last attempt.
   */
  readonly doubtedMs: number;
  /** The budget of time: how long that may go on where many events fail. */
  readonly patienceMs: number;
  /** Attempts are limited: each ten minutes in which many events fail count as one. */
  readonly counted: boolean;
  /** How often in a row this event asked for a pause after which the target answered others. */
  readonly asksAlone: number;
  /** Other events ask for pauses, too, while the rest is answered. */
  readonly single: boolean;
}

/**
 * An event that was handed over and not answered for this long may be what brings its target down.
 */
const LONGEST_DOUBT_MS = 600_000;
/** How often it may hold up all others in vain. */
export const MOST_ASKS = 3;

export function bearerOf(outcome: Failed | Later, about: Circumstances): Bearer {
  const { open, sure, doubtedMs, patienceMs, counted, asksAlone, single } = about;
  if (outcome.kind === 'later') {
    if (outcome.own) return 'aside';
    if (outcome.down) return open ? 'target' : 'aside';
    return single || asksAlone >= MOST_ASKS ? 'aside' : 'target';
  }
  if (outcome.doubt === undefined || !open) return 'attempt';
  if (!sure && outcome.doubt === 'lost') return 'attempt';
  const longest = sure && !counted ? patienceMs : Math.min(LONGEST_DOUBT_MS, patienceMs);
  return doubtedMs < longest ? 'target' : 'attempt';
}
