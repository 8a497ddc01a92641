// A time limit of one phase that ends when an answer begins; it pauses while the client sends its
// request.
import type { Timer, World } from '../../../core/world.ts';
import type { Call } from '../../exchange/target.ts';

/**
 * Calls `late` once, when `limitMs` have passed since now and since the last part
 * of the request's body came.
 */
export function limitTimeToAnswer(world: World, call: Pick<Call, 'bodyAt'>, limitMs: number, late: () => void): Timer {
  const began = world.monotonic();
  const look = () => {
    const leftMs = Math.max(began, call.bodyAt ?? began) + limitMs - world.monotonic();
    // A timer may be a fraction of a millisecond early.
    if (leftMs < 1) late();
    else timer = world.after(leftMs, look);
  };
  let timer = world.after(limitMs, look);
  return { cancel: () => timer.cancel() };
}
