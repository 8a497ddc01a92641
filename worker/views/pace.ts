// Holds reading to a rate, over all stages that share it.
import type { Rate } from '../../core/units/rate.ts';
import { sleep, type World } from '../../core/world.ts';

/** What was read is paid for with a pause after it: a batch is never larger than what the stages read at once. */
export function createPace(world: World, { count, periodMs }: Rate) {
  let freeAt = 0;
  return async (records: number, signal: AbortSignal): Promise<void> => {
    const now = world.monotonic();
    const wait = freeAt - now;
    freeAt = Math.max(freeAt, now) + (records / count) * periodMs;
    if (wait > 0) await sleep(world, wait, signal);
  };
}
