// What has changed since the last round of a deployment began, and what that
// ends: the waits of the round.
import type { World } from '../../core/world.ts';

/** Why a round runs. */
export interface Cause {
  /** The first file that changed, or the folder of the application. */
  readonly file: string;
  /** When that was noticed, by `world.monotonic`. */
  readonly at: number;
  /** Aborts as soon as the round is out of date: another change is there, or all of it ends. */
  readonly signal: AbortSignal;
}

export class Changes {
  readonly #world: Pick<World, 'monotonic'>;
  readonly #directory: string;
  #file: string | undefined;
  #noticedAt: number;
  #round = new AbortController();
  #wake = Promise.withResolvers<void>();

  constructor(world: Pick<World, 'monotonic'>, directory: string) {
    this.#world = world;
    this.#directory = directory;
    this.#noticedAt = world.monotonic();
  }

  notice(file = this.#directory): void {
    if (this.#file === undefined) this.#noticedAt = this.#world.monotonic();
    this.#file ??= file;
    this.end();
  }

  /** Begins a round, for all that was noticed until now. */
  take(): Cause {
    const file = this.#file ?? this.#directory;
    this.#file = undefined;
    this.#round = new AbortController();
    this.#wake = Promise.withResolvers();
    return { file, at: this.#noticedAt, signal: this.#round.signal };
  }

  /** Resolves once the round that was taken is out of date. */
  next(): Promise<void> {
    return this.#wake.promise;
  }

  /** Ends the round without a cause for another one. */
  end(): void {
    this.#round.abort();
    this.#wake.resolve();
  }
}
