// How long to wait: after a failure, between two rounds, or until something ends. All chance in a
// time comes from here.

/** Times in milliseconds. */
export interface Backoff {
  /** Longest pause after the first failure; it doubles with each further one. */
  readonly base: number;
  /** No pause is longer. */
  readonly max: number;
}

/** Beyond it, doubling is no longer exact. */
const MOST_DOUBLINGS = 52;

/**
 * The pause after so many failures in a row, counted from 1. `random`: uniform in [0, 1).
 *
 * This is "equal jitter": half of the pause is certain and the other half is chance. Full jitter
 * (all of it is chance) needs slightly fewer calls when many clients compete for one record. It
 * may also try again at once, so that a loop with a broken peer is a busy loop now and then, and a
 * configured first pause promises nothing. With equal jitter the n-th pause is never shorter than
 * the one before, and callers that failed together still spread over half of the pause.
 */
export function pauseAfter(failures: number, backoff: Backoff, random: number): number {
  return pauseUpTo(longestPause(failures, backoff), random);
}

/** The same without chance, for what others are told beforehand or what must not vary. */
export function longestPause(failures: number, { base, max }: Backoff): number {
  return Math.min(max, base * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
}

/** The same for a ceiling that does not grow, or grows in another way: at least half of `ms`. */
export function pauseUpTo(ms: number, random: number): number {
  return ms * (0.5 + random / 2);
}

/**
 * The time between two rounds of periodic work, `ms` on average and a quarter more or less. So
 * processes that were started together drift apart.
 */
export function jittered(ms: number, random: number): number {
  return ms * (0.75 + random / 2);
}

/**
 * A time that may end up to `part` of it earlier, so that what begins
 * together does not end together.
 */
export function shortened(ms: number, part: number, random: number): number {
  return ms * (1 - part * random);
}
