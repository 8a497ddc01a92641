// The position of a partition in the log, beside the one in the store, which counts. It is for
// people and for trimming, so it may stay behind, and failing to write it stops nothing.
import type { World } from '../../core/world.ts';
import type { StageObserver, StageWork } from './stage.ts';

export interface LogPositionOptions {
  readonly world: World;
  readonly observer: StageObserver;
  readonly work: StageWork;
  /** Shortest time between two commits. */
  readonly everyMs: number;
  readonly metadata?: string;
}

export class LogPosition {
  readonly #options: LogPositionOptions;
  #committedAt: number;

  constructor(options: LogPositionOptions) {
    this.#options = options;
    this.#committedAt = options.world.monotonic();
  }

  follow(offset: number): void {
    const { world, observer, work, everyMs, metadata = '' } = this.#options;
    const now = world.monotonic();
    if (now - this.#committedAt < everyMs) return;
    this.#committedAt = now;
    const { owned, signal } = work;
    owned.commit({ offset, metadata }).catch(error => signal.aborted || observer.trouble(owned.partition, error));
  }
}
