// A small store for one service: JSON documents by id in an SQLite file that all instances of the function share.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Store<T> {
  get(id: string): T | undefined;
  /** False when there is a document with this id already; it is left as it is. */
  add(id: string, document: T): boolean;
  /** Newest first. */
  list(limit: number): T[];
}

/** Opens the store `name` in $DATA_DIR (default: `.data` beside this file; `:memory:` keeps nothing). */
export function openStore<T>(name: string): Store<T> {
  const folder = process.env.DATA_DIR ?? join(import.meta.dirname, '.data');
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, `${name}.db`));
  // Several instances open the file at the same time: wait for each other instead of failing.
  database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL;');
  database.exec('CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT');
  const select = database.prepare('SELECT document FROM documents WHERE id = ?');
  const insert = database.prepare('INSERT INTO documents (id, document) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const newest = database.prepare('SELECT document FROM documents ORDER BY rowid DESC LIMIT ?');
  const parse = (row: Record<string, unknown>): T => JSON.parse(String(row.document));
  return {
    get(id) {
      const row = select.get(id);
      return row && parse(row);
    },
    add: (id, document) => insert.run(id, JSON.stringify(document)).changes === 1,
    list: limit => newest.all(limit).map(parse),
  };
}
