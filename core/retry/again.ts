// Repeats a step until it succeeds, with growing pauses.
import { sleep, type World } from '../world.ts';
import { type Backoff, pauseAfter } from './backoff.ts';

export interface AgainOptions extends Backoff {
  /** Whether the newest step went well for a while before it failed: pauses begin anew then. */
  wentOn?(): boolean;
  /** Hears of each failure. It throws to give up; `again` then rejects with what it throws. */
  failed?(error: unknown, failures: number): void;
}

export interface AgainSite {
  readonly world: Pick<World, 'after' | 'random'>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves with the first success. Rejects with the reason of `signal` as soon as it aborts, even
 * during a step, or with what `failed` throws.
 */
export async function again<T>(
  step: () => Promise<T>,
  options: AgainOptions,
  { world, signal }: AgainSite,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await step();
    } catch (error) {
      signal?.throwIfAborted();
      if (options.wentOn?.()) failures = 1;
      options.failed?.(error, failures);
    }
    await sleep(world, pauseAfter(failures, options, world.random()), signal);
  }
}
