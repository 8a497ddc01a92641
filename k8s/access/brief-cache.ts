// Keeps values for some seconds, and at most so many of them. Equal questions at the same time
// share one answer. It keeps no error.
import type { World } from '../../core/world.ts';

interface Entry<T> {
  readonly value: Promise<T>;
  /** A time of the monotonic clock; without an end while the value is being fetched. */
  until: number;
}

export class BriefCache<T> {
  readonly #world: Pick<World, 'monotonic'>;
  readonly #most: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(world: Pick<World, 'monotonic'>, most: number) {
    this.#world = world;
    this.#most = most;
  }

  get(key: string, fetch: () => Promise<T>, keepMs: (value: T) => number): Promise<T> {
    const found = this.#entries.get(key);
    if (found && this.#world.monotonic() < found.until) return found.value;
    const entry: Entry<T> = { value: fetch(), until: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // The oldest go first.
    for (const old of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(old);
    }
    entry.value.then(
      value => {
        entry.until = this.#world.monotonic() + keepMs(value);
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry.value;
  }
}
