// Values with a time each: a binary heap that gives the earliest first.

interface Timed<T> {
  readonly at: number;
  readonly what: T;
}

export class TimeHeap<T> {
  readonly #heap: Timed<T>[] = [];

  get length(): number {
    return this.#heap.length;
  }

  /** The earliest time; infinite where there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** The earliest. */
  peek(): T | undefined {
    return this.#heap[0]?.what;
  }

  add(at: number, what: T): void {
    const heap = this.#heap;
    const timed = { at, what };
    let index = heap.push(timed) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timed;
  }

  /** Removes and returns the earliest. */
  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0]?.what;
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

  clear(): void {
    this.#heap.length = 0;
  }
}
