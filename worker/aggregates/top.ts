// top(x, n): the most frequent values, by Space-Saving (Metwally et al. 2005). A count is never too
// low, and exact as long as there is room.
import type { Accumulator } from './aggregate.ts';
import { listOf, numberOr } from './basic.ts';
import { textOf } from './hash.ts';

interface Entry {
  readonly value: unknown;
  count: number;
  /** By how much the count may be too high. */
  over: number;
}

/** Room for each wanted value, so that passing values do not push out lasting ones. */
const ROOM = 10;
const LEAST_ROOM = 100;

export class Top implements Accumulator {
  readonly #wanted: number;
  readonly #room: number;
  readonly #entries = new Map<string, Entry>();
  /** Some of the values with the lowest count, which go first. */
  #lowest: string[] = [];

  constructor(wanted: number, saved?: unknown) {
    this.#wanted = wanted;
    this.#room = Math.max(LEAST_ROOM, wanted * ROOM);
    for (const each of listOf(saved)) {
      const [value, count, over] = listOf(each);
      this.#entries.set(textOf(value), { value, count: numberOr(count, 0), over: numberOr(over, 0) });
    }
  }

  add(value: unknown): void {
    if (value !== null && value !== undefined) this.#count(value, 1, 0);
  }

  merge(other: Top): void {
    for (const { value, count, over } of other.#entries.values()) this.#count(value, count, over);
  }

  result(): { readonly value: unknown; readonly count: number }[] {
    return this.#sorted()
      .slice(0, this.#wanted)
      .map(({ value, count }) => ({ value, count }));
  }

  save(): unknown {
    return this.#sorted().map(({ value, count, over }) => (over === 0 ? [value, count] : [value, count, over]));
  }

  #count(value: unknown, by: number, over: number): void {
    const key = textOf(value);
    const entry = this.#entries.get(key);
    if (entry) {
      entry.count += by;
      entry.over += over;
      return;
    }
    const gone = this.#entries.size < this.#room ? 0 : this.#pushOut();
    this.#entries.set(key, { value, count: by + gone, over: over + gone });
  }

  /**
   * Answers with the count of the removed value. Among equals the text decides, so that every
   * process comes to the same.
   */
  #pushOut(): number {
    for (;;) {
      const key = this.#lowest.pop();
      if (key === undefined) {
        this.#findLowest();
        continue;
      }
      const entry = this.#entries.get(key);
      if (entry === undefined || entry.count !== this.#least) continue;
      this.#entries.delete(key);
      return entry.count;
    }
  }

  #least = 0;

  #findLowest(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const { count } of this.#entries.values()) if (count < least) least = count;
    this.#least = least;
    this.#lowest = [...this.#entries].flatMap(([key, { count }]) => (count === least ? [key] : []));
    this.#lowest.sort().reverse();
  }

  #sorted(): Entry[] {
    return [...this.#entries]
      .sort(([one, a], [other, b]) => b.count - a.count || (one < other ? -1 : 1))
      .map(([, entry]) => entry);
  }
}
