// What this process keeps in memory. Resident memory would tell when V8 collected garbage, which
// nobody decides.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from './eventually.ts';

setFlagsFromString('--expose-gc');
export const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of all objects, and of buffers behind them, that are in use. */
export function keptBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Waits until at most so much more is kept than `before`: buffers are given back some time after
 * the collection that found nobody holding them.
 */
export async function assertKeptSince(before: number, most: number): Promise<void> {
  let more = 0;
  await eventually(
    () => {
      more = keptBytes() - before;
      return more < most;
    },
    () => `${more} bytes more are kept, of at most ${most}`,
  );
}
