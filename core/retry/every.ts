// Repeats periodic work until its owner stops.
import { sleep, type World } from '../world.ts';
import { jittered } from './backoff.ts';

export interface EverySite {
  readonly world: Pick<World, 'after' | 'random'>;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` each time `ms` have passed since its last round, on average. The first round follows
 * the first pause. Resolves when `signal` aborts, after the current round. A failure of `work` ends
 * it and is passed on.
 */
export async function every(ms: number, work: () => Promise<void>, { world, signal }: EverySite): Promise<void> {
  while (!signal.aborted) {
    await sleep(world, jittered(ms, world.random()), signal).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}
