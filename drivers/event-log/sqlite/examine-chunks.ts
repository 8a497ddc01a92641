// Looks at the records of one partition; with a new file, copies what is sound, and puts empty
// chunks where records are missing.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { ByteWriter } from '../../sqlite/bytes.ts';
import { type RawRow, readTolerantly } from '../../sqlite/integrity/tolerant-rows.ts';
import type { LogRecord } from '../event-log.ts';
import { ChunkCursor, writeRecord } from './record-codec.ts';
import type { PartitionRow } from './rows.ts';
import { rowCrc } from './schema.ts';

export interface ExaminedPartition {
  readonly sound: number;
  readonly problems: readonly string[];
  /** Its entry as it must be in the new file. */
  readonly row: PartitionRow;
}

/** A chunk as the table has it, whether or not the index leads to it. */
interface ChunkPlace {
  readonly base: number;
  /** Columns of the table's own key. */
  readonly key: readonly SQLInputValue[];
}

export interface FoundChunks {
  readonly byPartition: ReadonlyMap<number, readonly ChunkPlace[]>;
  load(place: ChunkPlace): RawRow | undefined;
}

/** Looks through the table itself, since the index may be damaged alone. */
export function findChunks(from: DatabaseSync, problems: string[]): FoundChunks {
  // Files of the first version have no rowid there.
  const tables = from.prepare("SELECT wr FROM pragma_table_list WHERE name = 'log_chunks'");
  const key = tables.get()?.['wr'] === 1 ? ['partition', 'base'] : ['rowid'];
  const byPartition = new Map<number, ChunkPlace[]>();
  const select = `SELECT ${[...new Set([...key, 'partition', 'base'])].join(', ')} FROM log_chunks NOT INDEXED`;
  let placeless = 0;
  for (const row of readTolerantly(from, select, key, problems)) {
    const [partition, base] = [Number(row['partition']), Number(row['base'])];
    if (!(Number.isSafeInteger(partition) && partition > 0 && Number.isSafeInteger(base) && base >= 0)) {
      placeless++;
      continue;
    }
    const place = { base, key: key.map(column => row[column] ?? null) };
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), place]);
  }
  if (placeless > 0) problems.push(`${placeless} groups of records name no partition and no offset that there can be`);
  return {
    byPartition,
    load(place) {
      const where = key.map(column => `${column} = ?`).join(' AND ');
      return from
        .prepare(`SELECT count, newest, reach, crc, data FROM log_chunks NOT INDEXED WHERE ${where}`)
        .get(...place.key);
    },
  };
}

export function examineChunks(
  from: DatabaseSync,
  chunks: FoundChunks,
  to: DatabaseSync | undefined,
  row: PartitionRow,
): ExaminedPartition {
  const problems: string[] = [];
  const target = { ...row, bytes: 0, next: 0 };
  let sound = 0;
  let at = row.first;
  const missing = (end: number) => {
    if (end > at) {
      problems.push(`records ${at} to ${end - 1} are damaged or missing`);
      if (to) insertChunk(to, target, at, end - at, []);
    }
    at = Math.max(at, end);
  };
  const places = chunks.byPartition.get(row.id) ?? [];
  for (const place of places.toSorted((a, b) => a.base - b.base)) {
    const { base } = place;
    const chunk = readChunk(chunks, row.id, place);
    if (!isInIndex(from, row.id, base)) problems.push(`the index does not lead to the records from ${base} on`);
    if (chunk.gap > 0 && base + chunk.gap > at) {
      // Missing since an earlier salvage.
      missing(base);
      if (to) insertChunk(to, target, at, base + chunk.gap - at, []);
      at = base + chunk.gap;
    }
    const runs = toRuns(chunk.records.filter(({ offset }) => offset >= at));
    for (const run of runs) {
      const [first] = run;
      if (!first) continue;
      missing(first.offset);
      if (to) insertChunk(to, target, first.offset, run.length, run);
      sound += run.length;
      at = first.offset + run.length;
    }
  }
  missing(row.next);
  return { sound, problems, row: { ...target, next: Math.max(at, row.next) } };
}

/**
 * The sound records of a chunk, none when its head is damaged; `gap`: how
 * many an empty one stands for.
 */
function readChunk(
  chunks: FoundChunks,
  partition: number,
  place: ChunkPlace,
): { readonly records: LogRecord[]; readonly gap: number } {
  const records: LogRecord[] = [];
  const { base } = place;
  try {
    const { count, newest, reach, crc, data } = chunks.load(place) ?? {};
    if (!(data instanceof Uint8Array)) return { records, gap: 0 };
    const isSound = crc === rowCrc(partition, base, Number(count), Number(newest), Number(reach), data.byteLength);
    if (!isSound) return { records, gap: 0 };
    if (data.byteLength === 0) return { records, gap: Number(count) };
    const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (const cursor = new ChunkCursor(chunk, base, Number(count)); !cursor.isAtEnd; ) {
      const record = cursor.next();
      if (record) records.push(record);
      else cursor.skip();
    }
  } catch {} // a page of it cannot be read
  return { records, gap: 0 };
}

function isInIndex(from: DatabaseSync, partition: number, base: number): boolean {
  try {
    return from.prepare('SELECT 1 FROM log_chunks WHERE partition = ? AND base = ?').get(partition, base) !== undefined;
  } catch {
    return false;
  }
}

/** Splits where offsets leave something out. */
function toRuns(records: readonly LogRecord[]): LogRecord[][] {
  const runs: LogRecord[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    if (run && (run.at(-1)?.offset ?? 0) + 1 === record.offset) run.push(record);
    else runs.push([record]);
  }
  return runs;
}

function insertChunk(
  to: DatabaseSync,
  target: PartitionRow,
  base: number,
  count: number,
  records: readonly LogRecord[],
): void {
  const out = new ByteWriter();
  let newest = 0;
  for (const record of records) {
    writeRecord(out, record, record.timestamp);
    newest = Math.max(newest, record.timestamp);
  }
  target.reach = Math.max(target.reach, newest);
  target.bytes += out.length;
  const crc = rowCrc(target.id, base, count, newest, target.reach, out.length);
  const insert = to.prepare('INSERT INTO log_chunks VALUES (?, ?, ?, ?, ?, ?, ?)');
  insert.run(target.id, base, count, newest, target.reach, crc, out.bytes);
}
