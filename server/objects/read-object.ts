// Reads all of an object to see whether it is as it was written: the blob store compares what it reads with checksums.
import { TenfoldError } from '../../core/errors.ts';
import { sleep, type World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';

/** Called for each piece that was read; resolves when the next may be. */
export type Pace = (bytes: number) => Promise<void>;

/** Not faster than so many bytes a second, over all that it is asked for. */
export function createPace(world: World, bytesPerSecond: number, signal: AbortSignal): Pace {
  let freeAt = world.monotonic();
  return async bytes => {
    const now = world.monotonic();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    if (freeAt - now > 20) await sleep(world, freeAt - now, signal);
  };
}

/** Why it is damaged; undefined when it is sound, or gone since. What the store cannot say at the moment is thrown. */
export async function damageOf(
  blobs: Pick<BlobStore, 'get'>,
  key: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await readOnce(blobs, key, pace, signal);
  // On its way over a network it may have been damaged, too.
  return found === undefined ? undefined : await readOnce(blobs, key, pace, signal);
}

async function readOnce(
  blobs: Pick<BlobStore, 'get'>,
  key: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const open = await blobs.get(key);
    if (open === undefined) return undefined;
    let read = 0;
    for await (const chunk of open.body) {
      read += chunk.length;
      signal.throwIfAborted();
      await pace(chunk.length);
    }
    return read === open.length ? undefined : `It has ${read} bytes instead of ${open.length}.`;
  } catch (error) {
    if (error instanceof TenfoldError && error.code === 'data-corrupt') return error.message;
    throw error;
  }
}
