// The open events of a join in one partition, found by side, key and time.
import { TimeHeap } from '../../time-heap.ts';
import type { Side } from './join-plan.ts';
import { inOrder, type OpenEvent } from './open-event.ts';

export class JoinSet {
  /** By key, in order of time. */
  readonly #sides: readonly [Map<string, OpenEvent[]>, Map<string, OpenEvent[]>] = [new Map(), new Map()];
  readonly #order = new TimeHeap<OpenEvent>();
  #bytes = 0;

  get size(): number {
    return this.#order.length;
  }

  /** Memory that its events are taken to need. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The time of the oldest event. */
  get oldest(): number {
    return this.#order.next;
  }

  count(side: Side, key: string): number {
    return this.#sides[side].get(key)?.length ?? 0;
  }

  add(open: OpenEvent): void {
    const keys = this.#sides[open.side];
    const list = keys.get(open.key) ?? [];
    if (list.length === 0) keys.set(open.key, list);
    // Most events come about in order.
    let index = list.length;
    for (let before = list[index - 1]; before && inOrder(before, open) > 0; before = list[index - 1]) index--;
    list.splice(index, 0, open);
    this.#order.add(open.time, open);
    this.#bytes += open.bytes;
  }

  /** Events of a side between two times, both inclusive, in order. */
  between(side: Side, key: string, from: number, to: number): OpenEvent[] {
    const list = this.#sides[side].get(key) ?? [];
    let [first, end] = [0, list.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if ((list[middle]?.time ?? 0) < from) first = middle + 1;
      else end = middle;
    }
    let last = first;
    while ((list[last]?.time ?? Number.POSITIVE_INFINITY) <= to) last++;
    return list.slice(first, last);
  }

  /** Removes events that are older, and returns them in order. */
  removeBefore(time: number): OpenEvent[] {
    const removed: OpenEvent[] = [];
    while (this.#order.next < time) {
      const open = this.#order.take();
      if (open) removed.push(open);
    }
    removed.sort(inOrder);
    for (const open of removed) {
      const keys = this.#sides[open.side];
      const list = keys.get(open.key) ?? [];
      list.splice(list.indexOf(open), 1);
      if (list.length === 0) keys.delete(open.key);
      this.#bytes -= open.bytes;
    }
    return removed;
  }

  *[Symbol.iterator](): Generator<OpenEvent> {
    for (const side of this.#sides) for (const list of side.values()) yield* list;
  }
}
