// A small store for one service: JSON documents by id.
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './database.ts';

export interface Store<T> {
  get(id: string): T | undefined;
  /** False when there is a document with this id already; it is left as it is. */
  add(id: string, document: T): boolean;
  /** Takes the place of a document with this id. */
  put(id: string, document: T): void;
  /** Newest first. */
  list(limit: number): T[];
  /** Those whose ids begin with `prefix`, oldest first. */
  under(prefix: string, limit: number): T[];
}

export function openStore<T>(name: string, database: DatabaseSync = openDatabase(name)): Store<T> {
  database.exec('CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT');
  const select = database.prepare('SELECT document FROM documents WHERE id = ?');
  const insert = database.prepare('INSERT INTO documents (id, document) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const upsert = database.prepare(
    'INSERT INTO documents (id, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document',
  );
  const newest = database.prepare('SELECT document FROM documents ORDER BY rowid DESC LIMIT ?');
  const beginning = database.prepare(
    'SELECT document FROM documents WHERE id >= ?1 AND id < ?1 || char(1114111) ORDER BY rowid LIMIT ?2',
  );
  const parse = (row: Record<string, unknown>): T => JSON.parse(String(row.document));
  return {
    get(id) {
      const row = select.get(id);
      return row && parse(row);
    },
    add: (id, document) => insert.run(id, JSON.stringify(document)).changes === 1,
    put: (id, document) => void upsert.run(id, JSON.stringify(document)),
    list: limit => newest.all(limit).map(parse),
    under: (prefix, limit) => beginning.all(prefix, limit).map(parse),
  };
}
