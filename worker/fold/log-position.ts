// The position of a partition in the log, beside the one in the store, which counts. People and
// trimming use it, so it may stay behind for a while, and failing to write it stops nothing.
import type { World } from '../../core/world.ts';
import type { StageObserver, StageWork } from './stage.ts';

export interface LogPositionOptions {
  readonly world: World;
  readonly observer: StageObserver;
  readonly work: StageWork;
  /** The position in the store: the log may not know it, as a former owner ended in between. */
  readonly stored: number | undefined;
  /** Shortest time between two commits. */
  readonly everyMs: number;
  readonly metadata?: string;
}

/** After a commit that failed. */
const AGAIN_AFTER_MS = 1_000;

export class LogPosition {
  readonly #options: LogPositionOptions;
  /** The log does not have it yet. */
  #open: number | undefined;
  #isWriting = false;
  #dueAt: number;

  constructor(options: LogPositionOptions) {
    this.#options = options;
    this.#open = options.stored;
    this.#dueAt = options.world.monotonic() + options.everyMs;
  }

  follow(offset: number): void {
    this.#open = offset;
    this.catchUp();
  }

  /**
   * Commits what is open, once it is time. Operators call it while nothing comes, too, after they
   * have seen that the store has no newer position: nothing else keeps a former owner from it.
   */
  catchUp(): void {
    const { world, observer, work, everyMs, metadata = '' } = this.#options;
    const offset = this.#open;
    if (offset === undefined || this.#isWriting || world.monotonic() < this.#dueAt) return;
    const { owned, signal } = work;
    this.#isWriting = true;
    this.#dueAt = world.monotonic() + everyMs;
    const ended = () => {
      this.#isWriting = false;
      if (!signal.aborted) this.catchUp();
    };
    owned
      .commit({ offset, metadata })
      .then(
        () => {
          if (this.#open === offset) this.#open = undefined;
        },
        error => {
          this.#dueAt = world.monotonic() + Math.max(everyMs, AGAIN_AFTER_MS);
          if (!signal.aborted) observer.trouble(owned.partition, error);
        },
      )
      .then(ended);
  }
}
