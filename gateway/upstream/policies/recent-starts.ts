// Remembers when the calls within the last period of a rate were started.

/**
 * Starts that are remembered for a rate; a larger count is kept as this many in a shorter
 * period, which is stricter.
 */
export const MAX_STARTS = 10_000;

/** A class, as it is state that outlives the plan. */
export class RecentStarts {
  periodMs = 0;
  #times: number[] = [];
  /** Index of the first that is within the period. */
  #oldest = 0;

  count(now: number): number {
    const began = now - this.periodMs;
    while (this.#oldest < this.#times.length && (this.#times[this.#oldest] ?? 0) <= began) this.#oldest++;
    return this.#times.length - this.#oldest;
  }

  /** When there will be fewer than `allowed`, as long as none is added. */
  freeAt(allowed: number): number {
    return (this.#times[this.#times.length - allowed] ?? 0) + this.periodMs;
  }

  add(now: number): void {
    this.#times.push(now);
    if (this.#oldest <= MAX_STARTS) return;
    this.#times = this.#times.slice(this.#oldest);
    this.#oldest = 0;
  }
}

/** A count of whole calls that is small enough to be remembered. */
export function normalise({ count, periodMs }: { count: number; periodMs: number }): {
  count: number;
  periodMs: number;
} {
  if (count < 1) return { count: 1, periodMs: periodMs / count };
  if (count <= MAX_STARTS) return { count: Math.floor(count), periodMs: (periodMs * Math.floor(count)) / count };
  return { count: MAX_STARTS, periodMs: (periodMs * MAX_STARTS) / count };
}
