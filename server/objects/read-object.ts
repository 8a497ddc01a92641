// Reads all of an object to check that it is as it was written: the blob store compares it with
// checksums.
import { TenfoldError } from '../../core/errors.ts';
import { sleep, type World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';

/** Called for each piece that was read; resolves when the next may be. */
export type Pace = (bytes: number) => Promise<void>;

/** Reads at most so many bytes a second, over all requests. */
export function createPace(world: World, bytesPerSecond: number, signal: AbortSignal): Pace {
  let freeAt = world.monotonic();
  return async bytes => {
    const now = world.monotonic();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    if (freeAt - now > 20) await sleep(world, freeAt - now, signal);
  };
}

/** `unknown`: it was read, and there is no checksum to compare it with. */
export type Condition =
  | { readonly is: 'sound' | 'gone' | 'unknown' }
  | { readonly is: 'damaged'; readonly why: string };

/** Throws when the store cannot answer at the moment. */
export async function conditionOf(
  blobs: Pick<BlobStore, 'get'>,
  key: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<Condition> {
  const found = await readOnce(blobs, key, pace, signal);
  // A network may have damaged it on its way, too.
  return found.is === 'damaged' ? await readOnce(blobs, key, pace, signal) : found;
}

async function readOnce(
  blobs: Pick<BlobStore, 'get'>,
  key: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<Condition> {
  try {
    const open = await blobs.get(key);
    if (open === undefined) return { is: 'gone' };
    let read = 0;
    for await (const chunk of open.body) {
      read += chunk.length;
      signal.throwIfAborted();
      await pace(chunk.length);
    }
    if (read !== open.length) return { is: 'damaged', why: `It has ${read} bytes instead of ${open.length}.` };
    return { is: open.wasCompared?.() === false ? 'unknown' : 'sound' };
  } catch (error) {
    if (error instanceof TenfoldError && error.code === 'data-corrupt') return { is: 'damaged', why: error.message };
    throw error;
  }
}
