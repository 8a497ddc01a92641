// Opens the database file for writing, or says why not: lock, version of SQLite, foreign or damaged
// file, then settings and migrations.
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../core/errors.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { assertComplete } from './integrity/assert-complete.ts';
import { migrate } from './migrate.ts';
import type { SqliteModule } from './module.ts';
import { toOpenError } from './sqlite-error.ts';

/** `Tenf` */
export const APPLICATION_ID = 0x54656e66;
/** Older ones can damage a file in WAL mode when a write and a checkpoint meet. */
const OLDEST_SQLITE = [3, 51, 3] as const;
export const HEADER = 100;
export const APPLICATION_ID_AT = 68;

export interface OpenFile {
  readonly db: DatabaseSync;
  close(): void;
}

export function openFile(file: string, modules: readonly SqliteModule[]): OpenFile {
  let lock: FileLock | undefined;
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    lock = lockFile(file);
    assertRecentSqlite(sqliteVersion());
    if (existsSync(file) && statSync(file).size > 0) {
      assertOurs(file);
      assertComplete(file);
    }
    db = new DatabaseSync(file);
    configure(db);
    migrate(db, file, modules);
    for (const module of modules) for (const table of module.smallTables) checkTable(db, file, table);
  } catch (error) {
    db?.close();
    lock?.release();
    throw toOpenError(error, file);
  }
  const opened = { db, lock };
  return {
    db,
    close() {
      opened.db.close();
      opened.lock.release();
    },
  };
}

/** A connection that only reads; the file is already open in the writing thread. */
export function openReadOnly(file: string, cacheKiB: number): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec(`PRAGMA cache_size = -${cacheKiB}`);
  return db;
}

function sqliteVersion(): string {
  const db = new DatabaseSync(':memory:');
  const version = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  db.close();
  return version;
}

export function assertRecentSqlite(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) return;
    if (part < oldest) {
      throw new TenfoldError(
        'storage-unusable',
        `This Node.js brings SQLite ${version}, which can damage files. Use one with ${OLDEST_SQLITE.join('.')} or later (Node.js 24.21).`,
      );
    }
  }
}

/** Before SQLite touches it. */
function assertOurs(file: string): void {
  const header = Buffer.alloc(HEADER);
  const handle = openSync(file, 'r');
  const length = readSync(handle, header, 0, HEADER, 0);
  closeSync(handle);
  const isSqlite = length === HEADER && header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  if (isSqlite && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID) return;
  throw new TenfoldError(
    'storage-unusable',
    `${file} is ${isSqlite ? 'the database of another program' : 'no database'} (or its first bytes are damaged). It was not touched. Move it away, or give Tenfold another data folder; if it was Tenfold's, \`tenfold doctor\` looks at it.`,
  );
}

function configure(db: DatabaseSync): void {
  const fresh = db.prepare('PRAGMA page_count').get()?.['page_count'] === 0;
  // All three before the first page is written; the id is then in the file
  // itself, not only in the WAL.
  if (fresh)
    db.exec(`PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${APPLICATION_ID}`);
  db.exec('PRAGMA journal_mode = WAL');
  // Checkpoints are made after commits have been answered (writer.ts). mmap_size stays 0: with it a
  // bad write elsewhere in the process reaches the file.
  db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192');
  db.exec('PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
}

function checkTable(db: DatabaseSync, file: string, table: string): void {
  const rows = db.prepare(`PRAGMA quick_check(${table})`).all();
  const problems = rows.map(row => String(row['quick_check'])).filter(text => text !== 'ok');
  if (problems.length === 0) return;
  throw new TenfoldError(
    'data-corrupt',
    `${file} is damaged in table ${table}: ${problems.slice(0, 3).join('; ')}. Run \`tenfold doctor\` on it.`,
  );
}
