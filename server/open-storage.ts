// Opens what a platform keeps on its own disk: the log of events and the store in one database file, large contents in a folder beside it.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { World } from '../core/world.ts';
import type { BlobStore } from '../drivers/blob-store/blob-store.ts';
import { openFolderBlobStore } from '../drivers/blob-store/folder/folder-blob-store.ts';
import type { EventLog } from '../drivers/event-log/event-log.ts';
import { createSqliteEventLog } from '../drivers/event-log/sqlite/sqlite-event-log.ts';
import type { SearchIndex } from '../drivers/search-index/search-index.ts';
import { createSqliteSearchIndex } from '../drivers/search-index/sqlite/sqlite-search-index.ts';
import { openDatabase } from '../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../drivers/store/sqlite/sqlite-store.ts';
import type { Store } from '../drivers/store/store.ts';
import { packageFile } from './package-file.ts';

export interface Storage {
  /** The database file. */
  readonly file: string;
  readonly log: EventLog;
  readonly store: Store;
  readonly search: SearchIndex;
  readonly blobs: BlobStore;
  /** Of this opening. Whoever marked something in the store with another one has ended: only one process has the file open. */
  readonly epoch: string;
  close(): Promise<void>;
}

/** Names in the folder for data: of the database file, and of the folder for what is too large for it. */
export const DATABASE_FILE = 'tenfold.db';
const BLOB_FOLDER = 'blobs';

/**
 * Undefined where the folder cannot be written: then nothing is kept. Rejects with `storage-unusable`, `data-corrupt` or `conflict` (another process
 * has it) and a message that says what to do.
 */
export async function openStorage(world: World, folder: string): Promise<Storage | undefined> {
  if (!canWrite(folder)) return undefined;
  const fromSource = import.meta.filename.endsWith('.ts');
  const thread = packageFile(fromSource ? 'drivers/sqlite/thread-main.ts' : 'dist/sqlite/thread-main.js');
  const file = join(folder, DATABASE_FILE);
  const database = await openDatabase({ world, file, thread: pathToFileURL(thread) });
  try {
    const log = await createSqliteEventLog({ world, database });
    const store = await openSqliteStore({ world, database });
    const search = createSqliteSearchIndex({ world, database });
    const blobs = await openFolderBlobStore({ world, database, folder: join(folder, BLOB_FOLDER) });
    return {
      file,
      log,
      store,
      search,
      blobs,
      epoch: world.id(),
      async close() {
        await blobs.close();
        await search.close();
        await store.close();
        await log.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function canWrite(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
