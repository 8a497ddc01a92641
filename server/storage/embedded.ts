// The storage of a platform on its own disk: the log of events, the store and the search index in
// one database file, large contents in a folder beside it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { FolderBlobStore } from '../../drivers/blob-store/folder/folder-blob-store.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { SqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';
import type { Database } from '../../drivers/sqlite/database.ts';
import type { Store } from '../../drivers/store/store.ts';
import { entryFile } from '../package-file.ts';

/** Each to be asked for once; the database is opened when the first of them is. */
export interface Embedded {
  log(): Promise<EventLog & Partial<Pick<SqliteEventLog, 'index'>>>;
  store(): Promise<Store>;
  search(): Promise<SearchIndex>;
  blobs(): Promise<BlobStore & Partial<Pick<FolderBlobStore, 'holdRemovals'>>>;
  /** Undefined while the database is not open. */
  database(): Database | undefined;
  /** Closes after all requested work is done. */
  close(): Promise<void>;
}

/**
 * Names in the folder for data: of the database file, and of the folder for contents that are too
 * large for it.
 */
export const DATABASE_FILE = 'tenfold.db';
export const BLOB_FOLDER = 'blobs';

export function createEmbedded(world: World, folder: string): Embedded {
  let opening: Promise<Database> | undefined;
  let opened: Database | undefined;
  const database = () => {
    opening ??= open();
    return opening;
  };
  const open = async () => {
    const { openDatabase } = await import('../../drivers/sqlite/open-database.ts');
    opened = await openDatabase({ world, file: join(folder, DATABASE_FILE), thread: databaseThread() });
    return opened;
  };
  return {
    async log() {
      const { createSqliteEventLog } = await import('../../drivers/event-log/sqlite/sqlite-event-log.ts');
      return createSqliteEventLog({ world, database: await database() });
    },
    async store() {
      const { openSqliteStore } = await import('../../drivers/store/sqlite/sqlite-store.ts');
      return openSqliteStore({ world, database: await database() });
    },
    async search() {
      const { createSqliteSearchIndex } = await import('../../drivers/search-index/sqlite/sqlite-search-index.ts');
      return createSqliteSearchIndex({ world, database: await database() });
    },
    async blobs() {
      const { openFolderBlobStore } = await import('../../drivers/blob-store/folder/folder-blob-store.ts');
      return openFolderBlobStore({ world, database: await database(), folder: join(folder, BLOB_FOLDER) });
    },
    database: () => opened,
    async close() {
      const database = await opening?.catch(() => undefined);
      await database?.close();
    },
  };
}

/** The entry of threads that have the database open. */
export function databaseThread(): URL {
  return pathToFileURL(entryFile('drivers/sqlite/thread-main.ts', 'dist/sqlite/thread-main.js'));
}
