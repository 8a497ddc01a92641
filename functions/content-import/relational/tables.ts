// Statements over many rows at once. Each is one round trip, however many rows it has.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { TABLES } from './schema.ts';

export type Table = (typeof TABLES)[number];
export type Row = readonly [id: string, ...rest: SQLInputValue[]];

/** A wait at each statement, as in an application that reaches its database over a network. */
export type RoundTrip = () => void;

export interface Tables {
  execute(sql: 'BEGIN DEFERRED' | 'COMMIT'): void;
  /** The first of the rows with each id that the table does not have. */
  missing(table: Table, rows: readonly Row[]): Row[];
  insert(table: Table, rows: readonly Row[]): void;
  versions(ids: readonly string[]): Map<string, number>;
  /** Removes articles, or what belongs to them. */
  remove(table: Table, column: 'id' | 'article', ids: readonly string[]): void;
}

export function openTables(database: DatabaseSync, roundTrip: RoundTrip): Tables {
  const places = (count: number) => Array(count).fill('?').join(', ');
  const run = (sql: string, values: readonly SQLInputValue[]) => {
    roundTrip();
    return database.prepare(sql).all(...values);
  };
  return {
    execute(sql) {
      roundTrip();
      database.exec(sql);
    },
    missing(table, rows) {
      const byId = new Map(rows.toReversed().map(row => [row[0], row]));
      if (byId.size === 0) return [];
      const ids = [...byId.keys()];
      for (const { id } of run(`SELECT id FROM ${table} WHERE id IN (${places(ids.length)})`, ids))
        byId.delete(String(id));
      return [...byId.values()];
    },
    insert(table, rows) {
      const [first] = rows;
      if (first === undefined) return;
      const row = `(${places(first.length)})`;
      run(`INSERT INTO ${table} VALUES ${Array(rows.length).fill(row).join(', ')}`, rows.flat());
    },
    versions(ids) {
      if (ids.length === 0) return new Map();
      const rows = run(`SELECT id, version FROM articles WHERE id IN (${places(ids.length)})`, ids);
      return new Map(rows.map(({ id, version }) => [String(id), Number(version)]));
    },
    remove(table, column, ids) {
      if (ids.length > 0) run(`DELETE FROM ${table} WHERE ${column} IN (${places(ids.length)})`, ids);
    },
  };
}
