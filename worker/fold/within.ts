// Waits for a promise, but not for ever.
import type { World } from '../../core/world.ts';

/**
 * Undefined when it has not come within `ms`; it may be awaited again. Rejects as `coming` does, or
 * with the reason of the signal.
 */
export async function within<T>(
  world: World,
  coming: Promise<T>,
  ms: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  signal.throwIfAborted();
  const late = Promise.withResolvers<undefined>();
  const stop = () => late.reject(signal.reason);
  const timer = world.after(ms, () => late.resolve(undefined));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([coming, late.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', stop);
  }
}

/** For a promise that is awaited later, or never: its rejection is then no error of its own. */
export function quietly<T>(coming: Promise<T>): Promise<T> {
  coming.catch(() => undefined);
  return coming;
}
