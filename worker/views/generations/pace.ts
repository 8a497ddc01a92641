// Holds the reading of a View that is being built to a rate, over all its stages together. It ends
// once the View serves.
import type { Rate } from '../../../core/units/rate.ts';
import { sleep, type World } from '../../../core/world.ts';

export type Pace = (records: number, signal: AbortSignal) => Promise<void>;

/** A batch is paid for before the next one is read, so it is never cut. */
export function createPace(world: World, { count, periodMs }: Rate, ended: AbortSignal): Pace {
  let freeAt = 0;
  return async (records, signal) => {
    if (ended.aborted) return;
    const now = world.monotonic();
    const wait = freeAt - now;
    freeAt = Math.max(freeAt, now) + (records / count) * periodMs;
    if (wait <= 0) return;
    await sleep(world, wait, AbortSignal.any([signal, ended])).catch(() => undefined);
    signal.throwIfAborted();
  };
}
