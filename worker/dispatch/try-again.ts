// Repeats an action that must succeed in the end, with growing pauses, until it does or the owner
// stops.
import { again } from '../../core/retry/again.ts';
import type { World } from '../../core/world.ts';

const PAUSES = { base: 50, max: 5000 };

/** Rejects only with the reason of `signal`; every failure of `act` goes to `trouble`. */
export function tryAgain<T>(
  world: World,
  signal: AbortSignal,
  trouble: (error: unknown) => void,
  act: () => Promise<T>,
): Promise<T> {
  return again(act, { ...PAUSES, failed: trouble }, { world, signal });
}
