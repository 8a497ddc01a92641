// Who bears that a call was no success: the event, whose attempt it was; the event, without an attempt; or the target. Pure.
import type { Failed, Later } from '../../deliver/destination.ts';

/**
 * `attempt`: it counts for the event. `aside`: it does not count, and the event waits by itself while others go on. `target`: it does not count, the
 * event stays where it is, and the breaker says when it is tried again.
 */
export type Bearer = 'attempt' | 'aside' | 'target';

export interface Circumstances {
  /** The target is taken to be down. */
  readonly open: boolean;
  /** Many different events say so. */
  readonly sure: boolean;
  /** For how long failures of this event have been put down to the target, milliseconds; where many events say so, since its last attempt. */
  readonly doubtedMs: number;
  /** The budget of time: so long that may go on where many events say so. */
  readonly patienceMs: number;
  /** Attempts are limited: each ten minutes that many events say so are one. */
  readonly counted: boolean;
  /** How often in a row this event asked for a pause after which the target answered others. */
  readonly asksAlone: number;
  /** Other events, too, ask for a pause each time while the rest is answered. */
  readonly single: boolean;
}

/** What was handed over and not answered for so long may be what brings its target down. */
const LONGEST_DOUBT_MS = 600_000;
/** So often it may hold up all others in vain. */
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
