// At most `count` events in any stretch of `periodMs`, by the monotonic clock: at every instant,
// not on average.

/** Above this count, a window of a part of the period keeps the same rate with less memory. */
const MOST = 4096;

export class RateWindow {
  /** How many may go in each `periodMs`. */
  readonly count: number;
  readonly periodMs: number;
  /** The times of the last events, as a ring. */
  readonly #times: Float64Array;
  #next = 0;
  /** How many of them went less than a period ago. */
  #used = 0;

  constructor(count: number, periodMs: number) {
    const scale = Math.max(1, count / MOST);
    this.count = Math.max(1, Math.floor(count / scale));
    this.periodMs = (periodMs * this.count) / count;
    this.#times = new Float64Array(this.count);
  }

  /** Events within the last period. */
  used(now: number): number {
    while (this.#used > 0 && this.#ago(this.#used) + this.periodMs <= now) this.#used--;
    return this.#used;
  }

  /**
   * Milliseconds until one more may go where `allowed` of them may; 0: now. Infinity where none
   * may.
   */
  wait(now: number, allowed = this.count): number {
    const used = this.used(now);
    if (used < allowed) return 0;
    return allowed < 1 ? Number.POSITIVE_INFINITY : Math.max(0, this.#ago(allowed) + this.periodMs - now);
  }

  /** How many may go now, at most `wanted`. */
  available(now: number, wanted: number, allowed = this.count): number {
    return Math.max(0, Math.min(wanted, allowed - this.used(now)));
  }

  spend(now: number, count: number): void {
    for (let spent = 0; spent < count; spent++) {
      this.#times[this.#next] = now;
      this.#next = (this.#next + 1) % this.count;
    }
    this.#used = Math.min(this.#used + count, this.count);
  }

  /** The time of the last but so many; 1: the last. */
  #ago(back: number): number {
    return this.#times[(this.#next - back + this.count) % this.count] ?? 0;
  }
}
