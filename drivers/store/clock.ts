// A clock that only goes forward and at an even pace, whatever is done to the machine's: what times
// to live and leases are measured by.
import type { World } from '../../core/world.ts';

export interface StoreClock {
  /** About milliseconds since 1970. */
  now(): number;
}

/** Begins at the machine's time, or at `floor` (where it had been) when that is later. */
export function createStoreClock(world: World, floor: number): StoreClock {
  const offset = Math.max(world.now(), floor) - world.monotonic();
  return { now: () => world.monotonic() + offset };
}
