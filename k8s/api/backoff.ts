// How long to wait before the next attempt: longer after each failure, with jitter, up to a limit.
import type { World } from '../../core/world.ts';

export interface Backoff {
  /** Milliseconds until the next attempt. */
  next(): number;
  reset(): void;
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

export function createBackoff(world: World, options: BackoffOptions): Backoff {
  let failures = 0;
  return {
    next: () => backoffMs(++failures, world.random(), options),
    reset() {
      failures = 0;
    },
  };
}

/** Doubles with each failure, counted from 1; at least half of the time, the rest is chance. */
export function backoffMs(failures: number, random: number, { firstMs, longestMs }: BackoffOptions): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(ceiling * (0.5 + random / 2));
}
