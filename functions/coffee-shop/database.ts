// Opens the SQLite file of one service, which all instances of its functions share.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The file `name` in $DATA_DIR (default: `.data` beside this file; `:memory:` keeps nothing). */
export function openDatabase(name: string): DatabaseSync {
  const folder = process.env.DATA_DIR ?? join(import.meta.dirname, '.data');
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, `${name}.db`));
  // Several instances open the file at the same time: wait for each other instead of failing.
  database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL;');
  return database;
}

/** All of `work` is kept, or, when it throws, nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A failed COMMIT may have ended it already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
