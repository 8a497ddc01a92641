// Shares the process while a large answer is resolved: work that took some milliseconds goes on in
// a later turn of the event loop.
import type { World } from '../../core/world.ts';

/** A turn of the event loop that takes longer is seen by every other request. */
const TURN_MS = 5;

export class Turns {
  readonly #world: Pick<World, 'monotonic'>;
  #until: number;
  readonly #waiting: (() => void)[] = [];

  constructor(world: Pick<World, 'monotonic'>) {
    this.#world = world;
    this.#until = world.monotonic() + TURN_MS;
  }

  /** The caller goes on in the next turn. */
  get isOver(): boolean {
    return this.#world.monotonic() >= this.#until;
  }

  /** Resolves in a later turn, in the order of the calls. */
  next(): Promise<void> {
    return new Promise(resolve => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#goOn());
    });
  }

  async #goOn(): Promise<void> {
    this.#until = this.#world.monotonic() + TURN_MS;
    let next = 0;
    while (next < this.#waiting.length && this.#world.monotonic() < this.#until) {
      this.#waiting[next++]?.();
      // Work that continues runs in microtasks, which come first.
      await new Promise<void>(resolve => process.nextTick(resolve));
    }
    this.#waiting.splice(0, next);
    if (this.#waiting.length > 0) setImmediate(() => this.#goOn());
  }
}
