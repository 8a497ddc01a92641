// At most `count` events in any stretch of `periodMs`, measured by the monotonic clock: not on average, at every instant.

/** Beyond it a window of a part of the period keeps the same rate with less memory. */
const MOST = 4096;

export class RateWindow {
  readonly #periodMs: number;
  /** When the last `length` events went, as a ring. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(count: number, periodMs: number) {
    const scale = Math.max(1, count / MOST);
    this.#times = new Float64Array(Math.max(1, Math.floor(count / scale))).fill(Number.NEGATIVE_INFINITY);
    this.#periodMs = (periodMs * this.#times.length) / count;
  }

  /** Milliseconds until one more may go; 0: now. */
  wait(now: number): number {
    return Math.max(0, (this.#times[this.#next] ?? 0) + this.#periodMs - now);
  }

  /** How many may go now, at most `wanted`. */
  available(now: number, wanted: number): number {
    const { length } = this.#times;
    let free = 0;
    while (free < wanted && free < length && (this.#times[(this.#next + free) % length] ?? 0) + this.#periodMs <= now)
      free++;
    return free;
  }

  spend(now: number, count: number): void {
    for (let spent = 0; spent < count; spent++) {
      this.#times[this.#next] = now;
      this.#next = (this.#next + 1) % this.#times.length;
    }
  }
}
