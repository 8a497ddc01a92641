// Makes the schema of a damaged database readable: the program itself knows the names and columns
// of all its tables. It is for copies only.
import { DatabaseSync } from 'node:sqlite';
import { OWN_SCHEMA } from '../migrate.ts';
import type { SqliteModule } from '../module.ts';
import { messageOf } from './tolerant-rows.ts';

/** A row of `sqlite_schema`, without the place of its pages. */
interface Entry {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  /** It is null for indexes that SQLite makes by itself. */
  readonly sql: string | null;
}

interface Known {
  /** Each version of its module may make it anew; the newest is first. */
  readonly entries: readonly Entry[];
  /** The version that has it first. */
  readonly since: { readonly module: string; readonly version: number };
}

interface Row extends Entry {
  readonly rowid: number;
}

/** Two entries that differ more are not the same one with some damage. */
const MOST_DIFFERENCES = 8;

/**
 * Writes damaged entries anew, and makes tables that are lost anew, empty: what reads the tables
 * finds each one. Returns what was damaged. Leaves `writable_schema` on, so that SQLite passes over
 * an entry that is damaged still.
 */
export function repairSchema(db: DatabaseSync, modules: readonly SqliteModule[]): string[] {
  const problems: string[] = [];
  const known = knownEntries(modules);
  db.exec('PRAGMA writable_schema = ON');
  const newer = newerModules(db, modules);
  for (const { name, version, migrations } of newer)
    problems.push(
      `${name} has version ${version}, this program knows ${migrations}: use the version of Tenfold that wrote it`,
    );
  const rows = readRows(db, problems);
  const named = new Set(rows.map(({ name }) => name));
  // An entry of the program that has its place in the file is not behind another one.
  const absent = [...known].flatMap(([name, { entries }]) => (named.has(name) ? [] : entries));
  for (const row of rows) {
    const own = known.get(row.name);
    const isNewer = newer.some(({ name }) => name === own?.since.module);
    const right = rightEntry(row, own?.entries ?? [], own ? [] : absent, isNewer);
    if (right === undefined) continue;
    problems.push(`the schema of ${right.type} ${right.name} is damaged`);
    tryTo(problems, () => rewrite(db, row.rowid, right));
  }
  // Read anew from here on.
  tryTo([], () => db.exec('PRAGMA writable_schema = RESET'));
  db.exec('PRAGMA writable_schema = ON');
  makeMissing(db, known, problems);
  return problems;
}

/** The migrations make them, one by one. */
function knownEntries(modules: readonly SqliteModule[]): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const db = new DatabaseSync(':memory:');
  try {
    db.exec(`PRAGMA trusted_schema = OFF; ${OWN_SCHEMA}`);
    remember(known, db, 'tenfold', 0);
    for (const { name, migrations } of modules) {
      for (const [index, script] of migrations.entries()) {
        db.exec(script);
        remember(known, db, name, index + 1);
      }
    }
    const newest = new Set(entriesOf(db).map(({ name }) => name));
    return new Map([...known].filter(([name]) => newest.has(name)));
  } finally {
    db.close();
  }
}

function remember(known: Map<string, Known>, db: DatabaseSync, module: string, version: number): void {
  for (const entry of entriesOf(db)) {
    const { entries, since } = known.get(entry.name) ?? { entries: [], since: { module, version } };
    if (!entries.some(other => textOf(other) === textOf(entry)))
      known.set(entry.name, { entries: [entry, ...entries], since });
  }
}

function entriesOf(db: DatabaseSync): Row[] {
  return db
    .prepare('SELECT rowid, type, name, tbl_name, sql FROM sqlite_schema')
    .all()
    .map(({ rowid, type, name, tbl_name, sql }) => ({
      rowid: Number(rowid),
      type: String(type),
      name: String(name),
      tbl_name: String(tbl_name),
      sql: sql === null ? null : String(sql),
    }));
}

/** The first statement after a damaged schema was met fails, the next one reads what is left. */
function readRows(db: DatabaseSync, problems: string[]): Row[] {
  try {
    return entriesOf(db);
  } catch {}
  try {
    return entriesOf(db);
  } catch (error) {
    problems.push(`the schema cannot be read (${messageOf(error)})`);
    return [];
  }
}

/**
 * Returns the entry that a damaged row must be; undefined where it is sound, or nobody knows.
 * `own`: entries of its name. `others`: those that it may be where its name is damaged.
 */
function rightEntry(row: Row, own: readonly Entry[], others: readonly Entry[], isNewer: boolean): Entry | undefined {
  if (own.some(entry => textOf(entry) === textOf(row))) return;
  const differences = [...own, ...others].map(entry => [differencesOf(textOf(entry), textOf(row)), entry] as const);
  const [nearest] = differences.toSorted(([one], [other]) => one - other);
  if (nearest !== undefined && nearest[0] <= MOST_DIFFERENCES) return nearest[1];
  // A newer version may have changed it.
  return isNewer ? undefined : own[0];
}

const textOf = ({ type, name, tbl_name, sql }: Entry) => JSON.stringify([type, name, tbl_name, sql]);

function differencesOf(one: string, other: string): number {
  if (one.length !== other.length) return Infinity;
  return [...one].reduce((sum, character, at) => sum + (character === other[at] ? 0 : 1), 0);
}

function rewrite(db: DatabaseSync, rowid: number, { type, name, tbl_name, sql }: Entry): void {
  db.prepare('UPDATE sqlite_schema SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?').run(
    type,
    name,
    tbl_name,
    sql,
    rowid,
  );
}

function makeMissing(db: DatabaseSync, known: ReadonlyMap<string, Known>, problems: string[]): void {
  const there = new Set(readTables(db, problems));
  const versions = readVersions(db);
  for (const [name, { entries, since }] of known) {
    const [newest] = entries;
    if (newest?.type !== 'table' || there.has(name) || newest.sql === null) continue;
    const { sql } = newest;
    // A module that the file does not name was never in it, nor a table of a later version.
    const isLost = versions === undefined || (versions.get(since.module) ?? 0) >= since.version;
    if (isLost) problems.push(`table ${name} is lost`);
    tryTo(problems, () => db.exec(sql));
  }
}

function readTables(db: DatabaseSync, problems: string[]): string[] {
  const read = () => entriesOf(db).filter(({ type, name }) => type === 'table' && opens(db, name));
  try {
    return read().map(({ name }) => name);
  } catch {}
  try {
    return read().map(({ name }) => name);
  } catch (error) {
    problems.push(`the tables cannot be listed (${messageOf(error)})`);
    return [];
  }
}

/** Says whether SQLite took it into its schema. */
function opens(db: DatabaseSync, name: string): boolean {
  return db.prepare('SELECT 1 FROM pragma_table_list WHERE schema = ? AND name = ?').get('main', name) !== undefined;
}

/** Modules that the file has in a version which this program does not know. */
function newerModules(db: DatabaseSync, modules: readonly SqliteModule[]) {
  const versions = readVersions(db) ?? readVersions(db);
  return modules.flatMap(({ name, migrations: { length } }) => {
    const version = versions?.get(name) ?? 0;
    return version > length ? [{ name, version, migrations: length }] : [];
  });
}

/** Returns the version of each module; undefined where they cannot be read. */
function readVersions(db: DatabaseSync): ReadonlyMap<string, number> | undefined {
  try {
    const rows = db.prepare('SELECT name, version FROM tenfold_modules').all();
    return new Map(rows.map(({ name, version }) => [String(name), Number(version)]));
  } catch {
    return undefined;
  }
}

function tryTo(problems: string[], act: () => void): void {
  try {
    act();
  } catch (error) {
    problems.push(`the schema cannot be mended (${messageOf(error)})`);
  }
}
