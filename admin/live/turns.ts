// Lets several who look at a platform do so one after the other, within a share of the time.
import { sleep, type World } from '../../core/world.ts';

export interface TurnOptions {
  /** The part of the time that all of them take together, such as 0.03. */
  readonly share: number;
  /** The longest pause after a turn, however long that took. */
  readonly longestMs: number;
}

export class Turns {
  readonly #world: Pick<World, 'after' | 'monotonic'>;
  readonly #options: TurnOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: Pick<World, 'after' | 'monotonic'>, options: TurnOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Resolves as `look` does, which begins when those before it had their turns and a pause. */
  take<T>(look: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#measured(look));
    this.#last = turn.then(
      ({ pause }) => sleep(this.#world, pause),
      () => undefined,
    );
    return turn.then(({ result }) => result);
  }

  async #measured<T>(look: () => Promise<T>): Promise<{ readonly result: Promise<T>; readonly pause: number }> {
    const { share, longestMs } = this.#options;
    const began = this.#world.monotonic();
    const result = look();
    await result.catch(() => undefined);
    return { result, pause: Math.min((this.#world.monotonic() - began) / share, longestMs) };
  }
}
