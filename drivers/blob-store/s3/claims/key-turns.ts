// Turns at keys among the calls of this process: one call at a time has a key,
// the others wait in order.
import type { TenfoldError } from '../../../../core/errors.ts';
import { sleep, type World } from '../../../../core/world.ts';

export interface KeyTurnsOptions {
  readonly world: World;
  /** How long a call waits for its turn, milliseconds. */
  readonly patienceMs: number;
  /** The error of one that waited in vain. */
  readonly stillWriting: (key: string) => TenfoldError;
}

export class KeyTurns {
  readonly #world: World;
  readonly #patienceMs: number;
  readonly #stillWriting: (key: string) => TenfoldError;
  /** The last of those of this process that have or want a key. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor({ world, patienceMs, stillWriting }: KeyTurnsOptions) {
    this.#world = world;
    this.#patienceMs = patienceMs;
    this.#stillWriting = stillWriting;
  }

  /**
   * Resolves when it is this call's turn among those of this process; what it resolves to ends the
   * turn. Waits no longer than for others.
   */
  async take(key: string, signal: AbortSignal | undefined): Promise<() => void> {
    const before = this.#queues.get(key);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const turn = (before ?? Promise.resolve()).then(() => ended);
    this.#queues.set(key, turn);
    void turn.then(() => {
      if (this.#queues.get(key) === turn) this.#queues.delete(key);
    });
    if (before === undefined) return end;
    const over = new AbortController();
    const late = sleep(
      this.#world,
      this.#patienceMs,
      signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    ).then(() => {
      throw this.#stillWriting(key);
    });
    try {
      await Promise.race([before, late]);
      return end;
    } catch (error) {
      end();
      throw error;
    } finally {
      over.abort();
    }
  }

  /** Resolves when nobody has or wants a key of those that had or wanted one. */
  async settled(): Promise<void> {
    await Promise.all(this.#queues.values());
  }
}
