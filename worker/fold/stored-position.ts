// The position of a partition in the store. A step writes its changes together with it, or nothing.
import type { Change } from '../../drivers/store/changes.ts';
import type { Store } from '../../drivers/store/store.ts';

export type PositionStore = Pick<Store, 'apply' | 'position' | 'server'>;

export interface PositionOptions {
  readonly store: PositionStore;
  /** Keeps the state that is written with the position. */
  readonly scope: string;
  readonly consumer: string;
  readonly partition: number;
}

/** Why an owner stops whose step the store refuses. */
export const MOVED = 'The position in the store is another one.';

export class StoredPosition {
  readonly #options: PositionOptions;
  readonly #server: string;
  #value: number | undefined;

  /**
   * Load state that is written with the position after this. It may then be newer than the
   * position, and the first step is refused; it is never older.
   */
  static async load(options: PositionOptions): Promise<StoredPosition> {
    const { store, scope, consumer, partition } = options;
    // This comes first. Data of one server must never be written to another, which may have
    // forgotten it and stand at the same position.
    const server = await store.server(scope);
    return new StoredPosition(options, server, await store.position(scope, consumer, partition));
  }

  private constructor(options: PositionOptions, server: string, value: number | undefined) {
    this.#options = options;
    this.#server = server;
    this.#value = value;
  }

  /** Undefined before the first step. */
  get value(): number | undefined {
    return this.#value;
  }

  /** False: another owner has moved the position, or the store has lost its newest changes. */
  async move(changes: readonly Change[], upTo: number): Promise<boolean> {
    const { store, scope, consumer, partition } = this.#options;
    const fence = { consumer, partition, after: this.#value, upTo, server: this.#server };
    const { applied } = await store.apply(scope, changes, fence);
    if (applied) this.#value = upTo;
    return applied;
  }

  /**
   * Whether one server has kept the scope since this was loaded. Ask once all state is loaded, and
   * before anything leaves that was made of it: a store that has lost its newest step meanwhile may
   * have given a part of the state from before that, and a part from after.
   */
  async isOfOneServer(): Promise<boolean> {
    const { store, scope } = this.#options;
    return (await store.server(scope)) === this.#server;
  }

  /** Whether the store still has it, for owners that make no steps now. */
  async isStored(): Promise<boolean> {
    const { store, scope, consumer, partition } = this.#options;
    return (await store.position(scope, consumer, partition)) === this.#value;
  }
}
