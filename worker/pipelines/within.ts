// Waits for a promise, but not for ever.
import { sleep, type World } from '../../core/world.ts';

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
  const over = new AbortController();
  const late = sleep(world, ms, AbortSignal.any([signal, over.signal])).then(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([coming, late]);
  } finally {
    over.abort();
  }
}

/** For a promise that is awaited later, or never: its rejection is then no error of its own. */
export function quietly<T>(coming: Promise<T>): Promise<T> {
  coming.catch(() => undefined);
  return coming;
}
