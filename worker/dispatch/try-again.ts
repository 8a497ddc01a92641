// Repeats an action that must succeed in the end, with growing pauses, until it does or the owner
// stops.
import { sleep, type World } from '../../core/world.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5000;

/** Rejects only with the reason of `signal`; every failure of `act` goes to `trouble`. */
export async function tryAgain<T>(
  world: World,
  signal: AbortSignal,
  trouble: (error: unknown) => void,
  act: () => Promise<T>,
): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      trouble(error);
    }
    await sleep(world, wait * (0.5 + world.random() / 2), signal);
  }
}
