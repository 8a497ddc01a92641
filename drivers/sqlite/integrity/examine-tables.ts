// Looks at tables of a module row by row, and copies them into a new file: SQLite's checks, and
// what the module knows of a sound row.
import type { DatabaseSync } from 'node:sqlite';
import type { PartReport } from '../module.ts';
import { concernsDisk } from '../sqlite-error.ts';
import { messageOf, type RawRow, readTolerantly } from './tolerant-rows.ts';

/**
 * Names what does not match its checksum; undefined when the row is sound. May throw for
 * a row that makes no sense.
 */
export type RowCheck = (table: string, row: RawRow) => string | undefined;

export function* examineTables(
  module: string,
  from: DatabaseSync,
  to: DatabaseSync | undefined,
  damageOf: RowCheck = () => undefined,
): Iterable<PartReport> {
  for (const table of tablesOf(module, to ?? from)) {
    const problems = checkStructure(from, table);
    const key = keyOf(to ?? from, table);
    const rows = readTolerantly(from, `SELECT * FROM "${table}"`, key, problems);
    const copied = copy(to, table, rows, damageOf, problems);
    yield { part: `table ${table}`, sound: copied, problems };
  }
}

function tablesOf(module: string, db: DatabaseSync): string[] {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ? AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
  return db
    .prepare(sql)
    .all(`${module}_*`)
    .map(({ name }) => String(name));
}

function keyOf(db: DatabaseSync, table: string): string[] {
  const columns = db.prepare(`PRAGMA table_info("${table}")`).all();
  const key = columns.filter(({ pk }) => pk !== 0).map(({ name }) => String(name));
  return key.length > 0 ? key : ['rowid'];
}

/** Faults that SQLite itself finds in a table and its indexes. */
export function checkStructure(db: DatabaseSync, table: string): string[] {
  try {
    const rows = db.prepare(`PRAGMA integrity_check("${table}")`).all();
    return rows.map(row => String(row['integrity_check'])).filter(text => text !== 'ok');
  } catch (error) {
    return [messageOf(error)];
  }
}

/** How many rows are sound, and fit. */
function copy(
  to: DatabaseSync | undefined,
  table: string,
  rows: Iterable<RawRow>,
  damageOf: RowCheck,
  problems: string[],
): number {
  let copied = 0;
  for (const row of rows) {
    try {
      const damaged = damageOf(table, row);
      if (damaged !== undefined) {
        problems.push(`${damaged} does not match its checksum`);
        continue;
      }
      if (to) insert(to, table, row);
      copied++;
    } catch (error) {
      if (concernsDisk(error)) throw error;
      problems.push(`a row does not fit (${messageOf(error)})`);
    }
  }
  return copied;
}

function insert(to: DatabaseSync, table: string, row: RawRow): void {
  const columns = Object.keys(row);
  const names = columns.map(name => `"${name}"`).join(', ');
  const places = columns.map(() => '?').join(', ');
  to.prepare(`INSERT OR REPLACE INTO "${table}" (${names}) VALUES (${places})`).run(...Object.values(row));
}
