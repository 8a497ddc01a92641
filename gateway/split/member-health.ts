// Passive health of one member of a split: calls that fail take it out for a while, which grows as
// long as it goes on failing.
import { longestPause } from '../../core/retry/backoff.ts';

/** The outcome of a call to a member. `refused`: nothing was delivered. */
export type CallOutcome = 'ok' | 'refused' | 'failed';

/**
 * So many failures in a row take a member out; a refused connection does so at once, as it
 * costs nothing to go elsewhere.
 */
const FAILURES = 5;
const OUT = { base: 1000, max: 30_000 };

/** A class, as it is state that outlives the plan. */
export class MemberHealth {
  #inARow = 0;
  /** How often it was taken out since it answered last. */
  #times = 0;
  #outUntil = 0;
  #isOut = false;
  /** Since the start, for metrics. */
  taken = 0;

  /**
   * Milliseconds for which no call should go there. After that the next one
   * tries whether it is back.
   */
  outForMs(now: number): number {
    return this.#isOut ? Math.max(0, this.#outUntil - now) : 0;
  }

  /** Whether it was taken out and has not answered since. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Answers `left` or `returned` when the call changed that. */
  tell(outcome: CallOutcome, now: number): 'left' | 'returned' | undefined {
    if (outcome === 'ok') return this.#answers();
    this.#inARow++;
    if (outcome === 'failed' && this.#inARow < FAILURES && !this.#isOut) return undefined;
    // Calls that began before it was taken out say nothing new.
    if (this.#isOut && now < this.#outUntil) return undefined;
    this.#outUntil = now + longestPause(++this.#times, OUT);
    if (this.#isOut) return undefined;
    this.#isOut = true;
    this.taken++;
    return 'left';
  }

  #answers(): 'returned' | undefined {
    const wasOut = this.#isOut;
    this.#inARow = 0;
    this.#times = 0;
    this.#isOut = false;
    return wasOut ? 'returned' : undefined;
  }
}
