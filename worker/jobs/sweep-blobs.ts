// Deletes expired objects: results of jobs, and data that events refer to. Any number of processes
// may do it.
import { EXPIRING_PREFIX, expiryOf } from '../../core/expiring-key.ts';
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';

export interface BlobSweeper {
  close(): void;
}

const EVERY_MS = 10 * 60_000;
const PAGE = 200;

/** `problem` reports a failed sweep; the next one goes on. */
export function startBlobSweeper(
  world: World,
  blobs: Pick<BlobStore, 'now' | 'list' | 'delete'>,
  problem: (message: string, error: unknown) => void,
): BlobSweeper {
  const closing = new AbortController();
  const { signal } = closing;
  const run = async () => {
    await sweep(blobs, signal).catch(error => problem('Objects that have expired could not be deleted', error));
  };
  void run().then(() => every(EVERY_MS, run, { world, signal }));
  return { close: () => closing.abort(new Error('The sweeper is closed.')) };
}

/**
 * Keys are in the order of their ends, by the store's clock at their creation. The first that may
 * stay ends the sweep.
 */
export async function sweep(blobs: Pick<BlobStore, 'now' | 'list' | 'delete'>, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  for (let after: string | undefined; ; ) {
    const page = await blobs.list(EXPIRING_PREFIX, { limit: PAGE, after });
    if (page.blobs.length === 0) return deleted;
    const now = await blobs.now();
    for (const { key } of page.blobs) {
      const end = expiryOf(key);
      if (end === undefined) continue;
      if (end > now || signal.aborted) return deleted;
      await blobs.delete(key);
      deleted++;
    }
    if (page.next === undefined) return deleted;
    after = page.next;
  }
}
