// Open windows by when they are closed: a binary heap. A session that goes on is looked at again when its turn comes.
import type { OpenWindow } from './open-window.ts';

interface Turn {
  readonly at: number;
  readonly window: OpenWindow;
}

export class ClosingOrder {
  readonly #heap: Turn[] = [];

  /** When the next may have to be closed; infinite: never. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, window: OpenWindow): void {
    const heap = this.#heap;
    const turn = { at, window };
    let index = heap.push(turn) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = turn;
  }

  take(): OpenWindow | undefined {
    const heap = this.#heap;
    const first = heap[0]?.window;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
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
    return first;
  }
}
