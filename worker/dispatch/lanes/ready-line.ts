// Lanes whose turn it is, and how calls are made of them: one event each, or batches that wait a moment to fill.
import type { Timer, World } from '../../../core/world.ts';
import { Fifo } from '../fifo.ts';
import type { DispatchSettings } from '../settings.ts';
import type { Item, Lane } from './lanes.ts';

export class ReadyLine {
  readonly #world: World;
  readonly #batch: DispatchSettings['batch'];
  readonly #announce: () => void;
  readonly #lanes = new Fifo<Lane>();
  /** Parts of batches that failed whole, to be called as they are. */
  readonly #splits = new Fifo<readonly Item[]>();
  /** When the first of the waiting lanes came, by the monotonic clock. */
  #since = 0;
  #timer: Timer | undefined;

  constructor(world: World, batch: DispatchSettings['batch'], announce: () => void) {
    this.#world = world;
    this.#batch = batch;
    this.#announce = announce;
  }

  get length(): number {
    return this.#lanes.length + this.#splits.length;
  }

  push(lane: Lane): void {
    if (this.#batch && this.#lanes.length === 0) this.#since = this.#world.monotonic();
    this.#lanes.push(lane);
    this.#announce();
  }

  pushSplits(parts: readonly (readonly Item[])[]): void {
    for (const part of parts) this.#splits.push(part);
    this.#announce();
  }

  /** `begin` gives the event of a lane, or undefined when it has none to give now. */
  take(limit: number, begin: (lane: Lane) => Item | undefined): readonly Item[] {
    const split = this.#splits.shift();
    if (split) {
      if (split.length <= limit) return split;
      this.#splits.push(split.slice(limit));
      return split.slice(0, limit);
    }
    if (this.#batch) return this.#takeBatch(this.#batch, limit, begin);
    for (let lane = this.#lanes.shift(); lane; lane = this.#lanes.shift()) {
      const item = begin(lane);
      if (item) return [item];
    }
    return [];
  }

  #takeBatch(
    batch: NonNullable<DispatchSettings['batch']>,
    limit: number,
    begin: (lane: Lane) => Item | undefined,
  ): readonly Item[] {
    const size = Math.min(batch.size, limit);
    if (this.#lanes.length < size && batch.wait > 0 && this.#lanes.length > 0) {
      const left = this.#since + batch.wait - this.#world.monotonic();
      if (left > 0) {
        this.#timer ??= this.#world.after(left, () => {
          this.#timer = undefined;
          this.#announce();
        });
        return [];
      }
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    const items: Item[] = [];
    let bytes = 0;
    while (items.length < size) {
      const next = this.#lanes.peek();
      if (next === undefined) break;
      const more = next.items[0]?.bytes ?? 0;
      if (items.length > 0 && bytes + more > batch.maxSize) break;
      this.#lanes.shift();
      const item = begin(next);
      if (item) {
        items.push(item);
        bytes += item.bytes;
      }
    }
    this.#since = this.#world.monotonic();
    return items;
  }

  close(): void {
    this.#timer?.cancel();
  }
}
