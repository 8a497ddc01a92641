// Counts that grow by events. What an event adds is written together with its id, so that a repeat adds nothing.
import type { CloudEvent } from 'tenfold';
import { inTransaction, openDatabase } from './database.ts';

export interface Tally {
  /** Adds `counts`, unless this event has been counted. Answers whether it did. */
  count(event: Pick<CloudEvent, 'id' | 'source'>, counts: Readonly<Record<string, number>>): boolean;
  get(name: string): number;
  /** Names that begin with `prefix` and their counts, the largest first. */
  top(prefix: string, limit: number): { readonly name: string; readonly count: number }[];
}

export function openTally(file: string): Tally {
  const database = openDatabase(file);
  database.exec(`
    CREATE TABLE IF NOT EXISTS counted (source TEXT, id TEXT, PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `);
  const remember = database.prepare('INSERT INTO counted VALUES (?, ?) ON CONFLICT DO NOTHING');
  const add = database.prepare(
    'INSERT INTO counts VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  );
  const select = database.prepare('SELECT count FROM counts WHERE name = ?');
  const largest = database.prepare(
    'SELECT name, count FROM counts WHERE name >= ?1 AND name < ?1 || char(1114111) ORDER BY count DESC, name LIMIT ?2',
  );
  return {
    count: ({ id, source }, counts) =>
      inTransaction(database, () => {
        if (remember.run(source, id).changes === 0) return false;
        for (const [name, count] of Object.entries(counts)) add.run(name, count);
        return true;
      }),
    get: name => Number(select.get(name)?.count ?? 0),
    top: (prefix, limit) =>
      largest.all(prefix, limit).map(({ name, count }) => ({ name: String(name), count: Number(count) })),
  };
}
