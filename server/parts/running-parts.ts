// The parts that have started, so that they can be drained and stopped in the reverse order.
import type { World } from '../../core/world.ts';
import type { Part } from './part.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';

export class RunningParts {
  readonly #shutdown: Shutdown;
  readonly #drains: (() => void)[] = [];

  /** `failed` gets the error of a part that did not stop; the others are stopped all the same. */
  constructor(world: World, failed: (error: unknown) => void) {
    this.#shutdown = createShutdown(world, failed);
  }

  /** Resolves with what was given and what the part gives. */
  async start<Needs extends object, Gives extends object>(
    part: Part<Needs, Gives>,
    given: Needs,
  ): Promise<Needs & Gives> {
    const own = { ...given, ...(await part.start(given)) };
    const { drain, stop } = part;
    if (drain) this.#drains.push(() => drain(own));
    if (stop) this.#shutdown.add(graceMs => stop(own, graceMs));
    return own;
  }

  drain(): void {
    for (const drain of this.#drains) drain();
  }

  /** `graceMs` is for all parts together. Never rejects. */
  stop(graceMs: number): Promise<void> {
    return this.#shutdown.run(graceMs);
  }
}
