// Runs all pending microtasks at once, from synchronous code: what makes a step of the simulation
// cost a microsecond instead of a turn of the event loop.
import { setFlagsFromString } from 'node:v8';

/**
 * The flag stays on: V8 throws compiled code away that was not run for a while, and
 * compiles it again, from its text, when it is. Nothing that is valid without the flag
 * means something else with it.
 */
function compile(): () => void {
  setFlagsFromString('--allow-natives-syntax');
  const checkpoint: unknown = new Function('%PerformMicrotaskCheckpoint()');
  if (typeof checkpoint !== 'function') throw new Error('V8 compiled no function');
  return () => void checkpoint();
}

export const drainMicrotasks = compile();

/**
 * Runs `act` where `drainMicrotasks` works: V8 ignores a checkpoint that is asked for within a
 * microtask, and whatever stands behind an `await` is one.
 */
export function outsideMicrotasks<T>(act: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        let drained = false;
        Promise.resolve().then(() => {
          drained = true;
        });
        drainMicrotasks();
        if (!drained) throw new Error('microtasks cannot be drained here');
        resolve(act());
      } catch (error) {
        reject(error);
      }
    });
  });
}
