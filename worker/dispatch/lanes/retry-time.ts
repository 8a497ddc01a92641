// The wait before the next attempt at an event.
import type { RetrySettings } from '../settings.ts';

/** The longest wait that a destination may ask for. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

/**
 * The wait after so many failed attempts. `random` in [0, 1) spreads it over the upper half, so
 * that events that failed together do not come back together.
 */
export function retryWait(retry: RetrySettings, attempts: number, random: number): number {
  const ceiling = Math.min(retry.max, retry.initial * growth(retry.backoff, attempts));
  return Math.round(ceiling * (0.5 + random / 2));
}

export function clampWait(ms: number): number {
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : 0;
}

function growth(backoff: RetrySettings['backoff'], attempts: number): number {
  if (backoff === 'constant') return 1;
  return backoff === 'linear' ? attempts : 2 ** Math.min(attempts - 1, 52);
}
