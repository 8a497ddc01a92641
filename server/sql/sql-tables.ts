// Prepares the tables of a query: it fetches files of archives, and writes down events outside
// files, live windows and rows of Views.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SqlAnswer } from '../../admin/sql-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { counted } from '../../core/units/counted.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import { ARCHIVE_COLUMNS, type ArchiveRow } from '../../worker/archive/archive-event.ts';
import { sizeOf } from '../../worker/archive/gathering.ts';
import { archiveScopeOf, NO_VALUE } from '../../worker/archive/layout.ts';
import { isNoted } from '../../worker/archive/manifest.ts';
import { type ReadableArchive, readArchive, type SnapshotFile } from '../../worker/archive/read-archive.ts';
import type { FetchedFile, FileCache } from './file-cache.ts';
import type { SqlColumn, SqlPart, SqlTable } from './messages.ts';

export interface ArchiveTable {
  readonly kind: 'archive';
  readonly namespace: string;
  readonly name: string;
  readonly pipeline: string;
  readonly archive: ReadableArchive;
  /** The events come from a Topic with sensitive fields, so nobody sees their data. */
  readonly withoutData?: boolean;
}

export interface WindowTable {
  readonly kind: 'window';
  readonly namespace: string;
  readonly name: string;
  readonly pipeline: string;
  readonly columns: readonly SqlColumn[];
  /** Members by the names of the columns. */
  rows(signal: AbortSignal): AsyncIterable<Readonly<Record<string, unknown>>>;
}

export interface ViewTable extends Omit<WindowTable, 'kind' | 'pipeline'> {
  readonly kind: 'view';
  readonly view: string;
}

export type TableSource = ArchiveTable | WindowTable | ViewTable;

/** The most that a query reads of one table. */
export interface TableLimits {
  /** Events that are in no file yet, or rows of a View, and bytes of their data. */
  readonly rows: number;
  readonly bytes: number;
  readonly windows: number;
}

export interface PrepareOptions {
  readonly log: Pick<EventLog, 'read' | 'bounds'>;
  readonly store: Pick<Store, 'position' | 'scan' | 'row'>;
  /**
   * Whether files that are damaged are left out, rather than making the query fail that needs them.
   */
  readonly leaveOut: boolean;
  /** Whether rows beyond `most` are left out with a note, rather than making the query fail. */
  readonly partial: boolean;
  readonly most: TableLimits;
  readonly cache: FileCache;
  /** The folder of this query, below the folder of the cache. */
  readonly folder: string;
  readonly days: { readonly since?: string | undefined; readonly until?: string | undefined };
  tell(answer: SqlAnswer): void;
  readonly signal: AbortSignal;
}

const COLUMN_TYPES = {
  text: 'VARCHAR',
  bytes: 'BLOB',
  time: 'TIMESTAMPTZ',
  int32: 'INTEGER',
  int64: 'BIGINT',
} as const;

export function columnsOf(source: TableSource): SqlColumn[] {
  if (source.kind !== 'archive') return [...source.columns];
  const columns: SqlColumn[] = ARCHIVE_COLUMNS.map(({ name, type }) => ({ name, type: COLUMN_TYPES[type] }));
  columns.push({ name: 'date', type: 'DATE' });
  const { partitionBy, folders = [] } = source.archive.layout;
  if (partitionBy === 'hour') columns.push({ name: 'hour', type: 'INTEGER' });
  return [...columns, ...folders.map(name => ({ name, type: 'VARCHAR' }))];
}

export async function prepareTable(source: TableSource, options: PrepareOptions): Promise<SqlTable> {
  const { name } = source;
  if (source.kind !== 'archive') return { name, parts: [await rowsPart(source, options)] };
  const parts = await archiveParts(source, options);
  if (!source.withoutData) return { name, parts };
  const message = `The data in ${name} is not shown: it comes from a Topic whose schema marks sensitive fields.`;
  options.tell({ kind: 'note', message });
  return { name, parts, withoutData: true };
}

async function archiveParts({ name, archive }: ArchiveTable, options: PrepareOptions): Promise<SqlPart[]> {
  const { log, store, cache, days, signal, tell } = options;
  const toFolder = (day: string | undefined) => (day === undefined ? undefined : `date=${day}`);
  const { layout } = archive;
  const snapshot = await readArchive({
    log,
    store,
    archive,
    since: toFolder(days.since),
    until: toFolder(days.until),
    signal,
  });
  const fetched = await cache.fetch(snapshot.files, (bytes, of) => tell({ kind: 'reading', bytes, of }), signal);
  const files = fetched.flatMap(file => ('path' in file ? [file.path] : []));
  const damaged = await damagedParts(name, archive, snapshot.files, fetched, options);
  const file = `${options.folder}/${name}.parquet`;
  const limited = limit(snapshot.tail(), options.most, size =>
    exceed(
      options,
      `More than ${size} of ${name} are in no file yet, as many as a query reads.`,
      'Ask for other days (since and until), or wait until they are in files (roll of the archive)',
    ),
  );
  const { encodeParquet } = await import('../../worker/archive/encode-parquet.ts');
  await write(encodeParquet(limited, 'none', true), join(cache.folder, file), signal);
  const hours = layout.partitionBy === 'hour';
  const { folders = [] } = layout;
  return [...partsOf(files, hours, folders), ...damaged, { kind: 'tail', file, hours, folders }];
}

/**
 * Files that cannot be read: a part that fails for queries that need it, or a note where they are
 * to be left out.
 */
async function damagedParts(
  name: string,
  { layout }: ReadableArchive,
  files: readonly SnapshotFile[],
  fetched: readonly FetchedFile[],
  { store, leaveOut, tell }: PrepareOptions,
): Promise<SqlPart[]> {
  const parts: SqlPart[] = [];
  let removed = 0;
  for (const [index, file] of files.entries()) {
    const found = fetched[index];
    if (found === undefined || 'path' in found) continue;
    const isMissing = 'missing' in found;
    // Retention took it while it was asked for: it is part of the archive no more.
    if (isMissing && !(await isNoted(store, archiveScopeOf(layout, file.partition), file))) {
      removed++;
      continue;
    }
    const [, date = '', hour] = /^date=([^/]+)(?:\/hour=(\d+))?(?:\/|$)/.exec(file.folder) ?? [];
    const what = `The file '${file.key}' of ${name}, events of ${date}${hour === undefined ? '' : `, hour ${hour}`}, is ${isMissing ? 'missing' : 'damaged'}`;
    if (leaveOut) {
      tell({ kind: 'note', message: `${what}; it is left out, so the answer lacks its events.` });
      continue;
    }
    const message = `${what}. "tenfold doctor --repair" makes it anew where the log still has its events. Ask for other days ("date", or since and until), or have damaged files left out (--leave-out-damaged).`;
    const ofHour = hour === undefined ? undefined : Number(hour);
    const folders = (layout.folders ?? []).map(name => ({ name, value: valueIn(file.folder, name) }));
    parts.push({ kind: 'damaged', message, date, hour: ofHour, hours: layout.partitionBy === 'hour', folders });
  }
  if (removed > 0)
    tell({
      kind: 'note',
      message: `${counted(removed, 'file')} of ${name} ${removed === 1 ? 'was' : 'were'} removed meanwhile.`,
    });
  return parts;
}

function valueIn(folder: string, name: string): string | undefined {
  const value = folder
    .split('/')
    .find(each => each.startsWith(`${name}=`))
    ?.slice(name.length + 1);
  return value === undefined || value === NO_VALUE ? undefined : decodeURIComponent(value);
}

/**
 * An archive whose definition was changed has files of several kinds. DuckDB reads those together
 * that are in folders of the same names.
 */
function partsOf(files: readonly string[], hours: boolean, folders: readonly string[]): SqlPart[] {
  const parts = new Map<string, string[]>();
  for (const file of files) {
    const names = file.match(/[^/=]+(?==[^/]*\/)/g)?.join('/');
    const kind = `${file.endsWith('.parquet') ? 'parquet' : 'jsonl'} ${names} ${file.includes('/hour=')}`;
    const those = parts.get(kind);
    if (those) those.push(file);
    else parts.set(kind, [file]);
  }
  return [...parts].map(([kind, those]) => ({
    kind: 'archive',
    format: kind.startsWith('parquet') ? 'parquet' : 'jsonl',
    files: those,
    hours,
    byHour: kind.endsWith('true'),
    folders,
  }));
}

/** Ends with an error, unless an answer in part is good enough. */
function exceed({ partial, tell }: Pick<PrepareOptions, 'partial' | 'tell'>, what: string, next: string): void {
  if (!partial)
    throw new TenfoldError('query-too-large', `${what} ${next}. Or have what is beyond that left out (--partial).`);
  tell({ kind: 'note', message: `${what} The others are left out, so the answer lacks them.` });
}

async function* limit(
  groups: AsyncIterable<readonly ArchiveRow[]>,
  most: TableLimits,
  exceeded: (size: string) => void,
): AsyncGenerator<readonly ArchiveRow[]> {
  let rows = 0;
  let bytes = 0;
  for await (const group of groups) {
    rows += group.length;
    for (const row of group) bytes += sizeOf(row);
    if (rows > most.rows) return exceeded(`${most.rows} events`);
    if (bytes > most.bytes) return exceeded(`${most.bytes >> 20} MiB of events`);
    yield group;
  }
}

async function rowsPart(source: WindowTable | ViewTable, options: PrepareOptions): Promise<SqlPart> {
  const { signal, cache } = options;
  const { name, columns, rows } = source;
  const file = `${options.folder}/${name}.jsonl`;
  const lines = async function* () {
    const size = { rows: 0, bytes: 0 };
    for await (const row of rows(signal)) {
      const line = Buffer.from(`${toExactText(row)}\n`);
      size.rows++;
      size.bytes += line.length;
      const excess = excessOf(source, size, options.most);
      if (excess) return exceed(options, excess.what, excess.next);
      yield line;
    }
  };
  await write(lines(), join(cache.folder, file), signal);
  return { kind: 'rows', file, columns };
}

function excessOf(
  { kind, name }: WindowTable | ViewTable,
  size: { readonly rows: number; readonly bytes: number },
  most: TableLimits,
): { readonly what: string; readonly next: string } | undefined {
  if (kind === 'window') {
    if (size.rows <= most.windows) return undefined;
    const what = `More than ${most.windows} windows of ${name} are open, as many as a query reads.`;
    return { what, next: 'Publish what windows count to a Topic, and archive that' };
  }
  if (size.rows <= most.rows && size.bytes <= most.bytes) return undefined;
  const much = size.rows > most.rows ? `${most.rows} rows` : `${most.bytes >> 20} MiB of rows`;
  const what = `More than ${much} of ${name} are there, as many as a query reads.`;
  return { what, next: 'Ask the View by an index' };
}

async function write(bytes: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(path, { flags: 'wx' }), { signal });
}
