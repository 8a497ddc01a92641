// What becomes due when: a binary heap with one timer, for any number of waiting lanes.
import type { Timer, World } from '../../core/world.ts';

interface Due<T> {
  readonly at: number;
  readonly what: T;
}

export class DueQueue<T> {
  readonly #world: World;
  readonly #run: (what: T) => void;
  readonly #heap: Due<T>[] = [];
  #timer: Timer | undefined;
  #timerAt = 0;

  /** `run` is called for each that is due, in order of time. */
  constructor(world: World, run: (what: T) => void) {
    this.#world = world;
    this.#run = run;
  }

  get length(): number {
    return this.#heap.length;
  }

  /** `at` by the monotonic clock. */
  add(at: number, what: T): void {
    const heap = this.#heap;
    const due = { at, what };
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
    this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
    this.#heap.length = 0;
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || (this.#timer && this.#timerAt <= next.at)) return;
    this.#timer?.cancel();
    this.#timerAt = next.at;
    this.#timer = this.#world.after(next.at - this.#world.monotonic(), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#world.monotonic();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > now) break;
      this.#removeFirst();
      this.#run(next.what);
    }
    this.#arm();
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      const right = heap[child + 1];
      if (right && right.at < (heap[child]?.at ?? 0)) child++;
      const below = heap[child];
      if (!below || below.at >= last.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
