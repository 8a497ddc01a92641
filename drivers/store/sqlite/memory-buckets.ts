// Buckets in the memory of the one process that has the database. After a new start all are full.
import { assertTakes } from '../assert-take.ts';
import type { Buckets } from '../buckets.ts';
import type { StoreClock } from '../clock.ts';
import { assertName } from '../limits.ts';

/** Looked through when there are so many, and then twice as many as are left. */
const FIRST_SWEEP = 10_000;

export function createMemoryBuckets(clock: StoreClock): Buckets {
  /** When each is full again. */
  const full = new Map<string, number>();
  let sweepAt = FIRST_SWEEP;
  const sweep = (now: number) => {
    for (const [name, at] of full) if (at <= now) full.delete(name);
    sweepAt = Math.max(FIRST_SWEEP, full.size * 2);
  };
  return {
    async take(scope, takes) {
      assertName('The scope', scope);
      assertTakes(takes);
      const now = clock.now();
      const taken = takes.map(({ bucket, intervalMs, burst, want }) => {
        const name = JSON.stringify([scope, bucket]);
        const before = Math.max(full.get(name) ?? now, now);
        // A millionth of a part makes up for what floating point loses.
        const there = Math.floor(burst - (before - now) / intervalMs + 1e-6);
        const taken = Math.max(0, Math.min(want, there));
        const at = before + taken * intervalMs;
        if (taken > 0) full.set(name, at);
        return { taken, resetMs: at - now };
      });
      if (full.size >= sweepAt) sweep(now);
      return taken;
    },
  };
}
