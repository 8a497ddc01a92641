// Looks at the records of one partition; with a new file, copies what is sound, and puts empty chunks where records are missing.
import type { DatabaseSync } from 'node:sqlite';
import { ByteWriter } from '../../sqlite/bytes.ts';
import { readTolerantly } from '../../sqlite/tolerant-rows.ts';
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

export function examineChunks(from: DatabaseSync, to: DatabaseSync | undefined, row: PartitionRow): ExaminedPartition {
  const load = from.prepare('SELECT count, newest, reach, crc, data FROM log_chunks WHERE partition = ? AND base = ?');
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
  const select = 'SELECT base FROM log_chunks WHERE partition = ?';
  const bases = [...readTolerantly(from, select, ['base'], problems, row.id)].map(({ base }) => Number(base));
  for (const base of bases.sort((a, b) => a - b)) {
    const chunk = readChunk(load, row.id, base);
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

/** The sound records of a chunk, none when its head is damaged; `gap`: how many an empty one stands for. */
function readChunk(
  load: ReturnType<DatabaseSync['prepare']>,
  partition: number,
  base: number,
): { readonly records: LogRecord[]; readonly gap: number } {
  const records: LogRecord[] = [];
  try {
    const { count, newest, reach, crc, data } = load.get(partition, base) ?? {};
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
