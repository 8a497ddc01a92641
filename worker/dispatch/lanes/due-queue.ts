// A queue of due times: one timer serves any number of waiting lanes.
import type { Timer, World } from '../../../core/world.ts';
import { TimeHeap } from '../../time-heap.ts';

export class DueQueue<T> {
  readonly #world: World;
  readonly #run: (what: T) => void;
  readonly #heap = new TimeHeap<T>();
  #timer: Timer | undefined;
  #timerAt = 0;

  /** `run` is called for each that is due, in order of time. */
  constructor(world: World, run: (what: T) => void) {
    this.#world = world;
    this.#run = run;
  }

  /** `at` by the monotonic clock. */
  add(at: number, what: T): void {
    this.#heap.add(at, what);
    this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
    this.#heap.clear();
  }

  #arm(): void {
    const { length, next } = this.#heap;
    if (length === 0 || (this.#timer && this.#timerAt <= next)) return;
    this.#timer?.cancel();
    this.#timerAt = next;
    this.#timer = this.#world.after(next - this.#world.monotonic(), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#world.monotonic();
    while (this.#heap.next <= now) {
      const what = this.#heap.take();
      if (what !== undefined) this.#run(what);
    }
    this.#arm();
  }
}
