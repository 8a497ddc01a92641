// Counts calls and retries of the last ten seconds, so that retries stay a small share and never
// flood a service that is down.
import type { RetryView } from '../../plan/instruments.ts';

const WINDOW_SECONDS = 10;
/**
 * Retries that any ten seconds allow, whatever the share: with a handful of calls a
 * share of them would be none.
 */
export const FREE_RETRIES = 10;

/** State with a lifecycle of its own: it outlives the plan that asks for it. */
export class RetryBudget implements RetryView {
  readonly #calls = new Array<number>(WINDOW_SECONDS).fill(0);
  readonly #retries = new Array<number>(WINDOW_SECONDS).fill(0);
  #second = 0;
  /** Since the start, for metrics. */
  calls = 0;
  retries = 0;
  refused = 0;

  call(nowMs: number): void {
    this.calls++;
    this.#add(this.#calls, nowMs);
  }

  /** Takes one retry out of the budget, or says that there is none. */
  takeRetry(nowMs: number, share: number): boolean {
    this.#forget(nowMs);
    const allowed = share === 0 ? 0 : Math.max(FREE_RETRIES, sum(this.#calls) * share);
    if (sum(this.#retries) + 1 > allowed) {
      this.refused++;
      return false;
    }
    this.retries++;
    this.#add(this.#retries, nowMs);
    return true;
  }

  #add(counts: number[], nowMs: number): void {
    this.#forget(nowMs);
    const slot = this.#second % WINDOW_SECONDS;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }

  #forget(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const passed = second - this.#second;
    if (passed >= WINDOW_SECONDS) {
      this.#calls.fill(0);
      this.#retries.fill(0);
    } else {
      for (let step = 0; step < passed; step++) {
        this.#calls[(second - step) % WINDOW_SECONDS] = 0;
        this.#retries[(second - step) % WINDOW_SECONDS] = 0;
      }
    }
    this.#second = second;
  }
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
