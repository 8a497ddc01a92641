// A blob store in a folder, with its database beside it, closed together.
import { join } from 'node:path';
import { realWorld, type World } from '../../../../core/world.ts';
import type { BlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { openFolderBlobStore } from '../../../../drivers/blob-store/folder/folder-blob-store.ts';
import { openDatabase } from '../../../../drivers/sqlite/open-database.ts';
import { THREAD } from '../../event-log/sqlite/open-log.ts';

export interface OpenBlobsOptions {
  readonly world?: World;
  readonly keepChangesMs?: number;
  /** Default: beside the database. */
  readonly folder?: string;
}

/** Objects are in `blobs` below `path`. */
export async function openBlobs(
  path: string,
  { world = realWorld, ...options }: OpenBlobsOptions = {},
): Promise<BlobStore> {
  const database = await openDatabase({ world: realWorld, file: join(path, 'tenfold.db'), thread: THREAD });
  try {
    const blobs = await openFolderBlobStore({ folder: join(path, 'blobs'), world, database, ...options });
    return {
      ...blobs,
      async close() {
        await blobs.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
