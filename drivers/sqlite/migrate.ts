// Brings the tables of every module to the version this program knows, each step in a transaction;
// a file from a newer program is refused.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../core/errors.ts';
import type { SqliteModule } from './module.ts';

export const OWN_SCHEMA = `
CREATE TABLE IF NOT EXISTS tenfold_modules (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenfold_commits (id INTEGER PRIMARY KEY CHECK (id = 1), commits INTEGER NOT NULL);
INSERT INTO tenfold_commits VALUES (1, 0) ON CONFLICT DO NOTHING;
`;

export function migrate(db: DatabaseSync, file: string, modules: readonly SqliteModule[]): void {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tenfold_commits'").get()) inTransaction(db, OWN_SCHEMA);
  const versionOf = db.prepare('SELECT version FROM tenfold_modules WHERE name = ?');
  const setVersion = db.prepare(
    'INSERT INTO tenfold_modules VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version',
  );
  for (const { name, migrations } of modules) {
    const version = Number(versionOf.get(name)?.['version'] ?? 0);
    if (version > migrations.length) {
      throw new TenfoldError(
        'storage-unusable',
        `${file} was written by a newer Tenfold (${name} has version ${version}, this program knows ${migrations.length}). It was not touched. Use that version or a newer one.`,
      );
    }
    for (const [index, script] of migrations.entries()) {
      if (index >= version) inTransaction(db, script, () => setVersion.run(name, index + 1));
    }
  }
}

function inTransaction(db: DatabaseSync, script: string, then?: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(script);
    then?.();
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
