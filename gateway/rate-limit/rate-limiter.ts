// Counts requests by key against a rate with a burst (GCRA, in the words of ATM: the virtual
// scheduling algorithm). In memory.
import type { World } from '../../core/world.ts';

export interface RateDecision {
  readonly allowed: boolean;
  /** Requests that may still come at once. */
  readonly remaining: number;
  /** Until the whole burst is there again, milliseconds. */
  readonly resetMs: number;
  /** Until the next request is allowed, milliseconds; 0 when it is already. */
  readonly retryAfterMs: number;
}

/**
 * A limiter in memory answers at once; one that shares its counts with other
 * processes may take a while.
 */
export interface RateLimiter {
  take(key: string): RateDecision | Promise<RateDecision>;
}

export interface RateLimit {
  readonly rate: { readonly count: number; readonly periodMs: number };
  readonly burst: number;
}

/** Some 10 MB. */
const MAX_KEYS = 100_000;

/**
 * A key is one number: the time when its burst will be whole again. Buckets live in two
 * generations, each as long as a whole burst takes to come back. A bucket that was not touched for
 * a generation is full, so forgetting it changes nothing. Only when there are too many keys at once
 * are some forgotten early, those that were idle longest.
 */
export function createRateLimiter(world: World, limit: RateLimit, maxKeys = MAX_KEYS): RateLimiter {
  const intervalMs = limit.rate.periodMs / limit.rate.count;
  const wholeMs = intervalMs * limit.burst;
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let turnAt = 0;

  const turn = (now: number) => {
    if (now < turnAt && young.size < maxKeys / 2) return;
    // After a long silence both generations are past.
    old = now >= turnAt + wholeMs ? new Map() : young;
    young = new Map();
    turnAt = now + wholeMs;
  };

  return {
    take(key) {
      const now = world.monotonic();
      turn(now);
      const full = Math.max(young.get(key) ?? old.get(key) ?? now, now);
      const next = full + intervalMs;
      // A millionth of a millisecond makes up for what floating point loses.
      const over = next - now - wholeMs;
      if (over > 1e-6) return { allowed: false, remaining: 0, resetMs: full - now, retryAfterMs: over };
      young.set(key, next);
      return {
        allowed: true,
        remaining: Math.floor((wholeMs - (next - now)) / intervalMs + 1e-9),
        resetMs: next - now,
        retryAfterMs: 0,
      };
    },
  };
}
