// Early results of open windows: which are due, by the time at which the log appended events, or by
// how many events a window has counted.
import { TimeHeap } from '../../time-heap.ts';
import { inResultOrder, type OpenWindow } from './open-window.ts';
import { type EarlyPlan, NOT_DUE } from './window-plan.ts';

/**
 * The records alone decide what is due, so an owner that reads them again makes the same results.
 * The clock of the owner decides only where nothing comes any more.
 */
export class EarlyResults {
  readonly #plan: EarlyPlan;
  /** A window is here once at most. Its time may have moved on meanwhile. */
  readonly #order = new TimeHeap<OpenWindow>();
  readonly #queued = new Set<OpenWindow>();

  constructor(plan: EarlyPlan) {
    this.#plan = plan;
  }

  /** The earliest time at which a window may be due. */
  get next(): number {
    return this.#order.next;
  }

  restore(window: OpenWindow): void {
    if (window.due !== NOT_DUE) this.#queue(window);
  }

  /** The window has counted an event of this time. Answers whether a result is due at once. */
  counted(window: OpenWindow, timestamp: number): boolean {
    const { every, events } = this.#plan;
    window.counted++;
    // A result that may be the last one was given. No early result comes after it.
    if (window.said) return false;
    if (window.counted % events === 0) {
      window.due = NOT_DUE;
      return true;
    }
    if (every !== NOT_DUE && window.due === NOT_DUE) {
      window.due = timestamp + every;
      this.#queue(window);
    }
    return false;
  }

  /** Windows that are due, which are not due any more then, in the order of results. */
  take(now: number): OpenWindow[] {
    const due: OpenWindow[] = [];
    while (this.#order.next <= now) {
      const window = this.#order.take();
      if (window === undefined) break;
      this.#queued.delete(window);
      if (window.gone || window.due === NOT_DUE) continue;
      if (window.due > now) {
        this.#queue(window);
        continue;
      }
      window.due = NOT_DUE;
      if (!window.said) due.push(window);
    }
    return due.sort(inResultOrder);
  }

  #queue(window: OpenWindow): void {
    if (this.#queued.has(window)) return;
    this.#queued.add(window);
    this.#order.add(window.due, window);
  }
}
