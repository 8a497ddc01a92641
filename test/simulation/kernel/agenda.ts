// What is still to happen: a binary heap by time, then tie, then the order
// in which it was put there.

export interface Due {
  readonly time: number;
  readonly tie: number;
  readonly order: number;
  readonly label: string;
  run: (() => void) | undefined;
}

export class Agenda {
  readonly #heap: Due[] = [];
  #orders = 0;

  /** Set `run` to undefined to cancel. */
  add(time: number, tie: number, label: string, run: () => void): Due {
    const due: Due = { time, tie, order: ++this.#orders, label, run };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(due, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
    return due;
  }

  /** The next that was not cancelled. */
  pop(): Due | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (!first) return undefined;
      this.#removeFirst();
      if (first.run) return first;
    }
  }

  /** Time of the next that was not cancelled. */
  get next(): number | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (!first) return undefined;
      if (first.run) return first.time;
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      if (!below) break;
      const right = heap[child + 1];
      if (right && isBefore(right, below)) {
        child++;
        below = right;
      }
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return (
    one.time < other.time ||
    (one.time === other.time && (one.tie < other.tie || (one.tie === other.tie && one.order < other.order)))
  );
}
