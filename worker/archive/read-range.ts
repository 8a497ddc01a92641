// Reads the events of a range from the log again, a group of rows at a time. A file is always made
// of the log.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, LogRecord, ReadLimits } from '../../drivers/event-log/event-log.ts';
import { isPoison } from '../fold/poison.ts';
import { markOf } from '../fold/source-mark.ts';
import { type ArchiveEvent, type ArchiveRow, toArchiveRow } from './archive-event.ts';
import { sizeOf } from './gathering.ts';

export interface SeenBefore {
  /**
   * Whether the mark is newer than all seen marks of its source. Then it counts as seen from now
   * on.
   */
  take(mark: NonNullable<ReturnType<typeof markOf>>): boolean;
}

export interface RowMaker {
  /**
   * Returns events in order. It throws one of the errors of `isPoison` for a record that will never
   * work.
   */
  toEvents(record: LogRecord): readonly ArchiveEvent[];
}

export interface ReadRange {
  readonly log: Pick<EventLog, 'read'>;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /**
   * The seen marks as they were before `from`; the call changes them. Undefined where records of
   * the topic have no marks.
   */
  readonly seen: SeenBefore | undefined;
  readonly make: RowMaker;
  readonly signal: AbortSignal;
}

const LIMITS: ReadLimits = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };
/**
 * Rows of a row group. Encoding a group takes some 15 ms, in which the process does nothing else.
 */
const GROUP_ROWS = 8192;
const GROUP_BYTES = 4 * 1024 * 1024;

export function rowsOf(record: LogRecord, partition: number, { toEvents }: RowMaker): ArchiveRow[] {
  const { offset, timestamp: appendedMs } = record;
  return toEvents(record).map((event, index) => toArchiveRow(event, { partition, offset, index, appendedMs }));
}

/**
 * False for a record that came before. False, too, for a record that no stage of ours has written,
 * as its source is not known.
 */
export function isNew(record: LogRecord, seen: SeenBefore | undefined): boolean {
  if (seen === undefined) return true;
  const mark = markOf(record);
  return mark !== undefined && seen.take(mark);
}

/** The `wanted` rows of the range, in groups. */
export async function* readGroups(
  range: ReadRange,
  wanted: (row: ArchiveRow) => boolean,
): AsyncGenerator<readonly ArchiveRow[]> {
  let group: ArchiveRow[] = [];
  let bytes = 0;
  for await (const record of recordsOf(range)) {
    for (const row of rowsUnlessPoison(record, range)) {
      if (!wanted(row)) continue;
      group.push(row);
      bytes += sizeOf(row);
    }
    if (group.length < GROUP_ROWS && bytes < GROUP_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

function rowsUnlessPoison(record: LogRecord, { partition, seen, make }: ReadRange): readonly ArchiveRow[] {
  if (!isNew(record, seen)) return [];
  try {
    return rowsOf(record, partition, make);
  } catch (error) {
    // The record was set aside when the range gathered.
    if (isPoison(error)) return [];
    throw error;
  }
}

async function* recordsOf({ log, topic, partition, from, to, signal }: ReadRange): AsyncGenerator<LogRecord> {
  for (let at = from; at < to; ) {
    const { records, next } = await log.read(topic, partition, at, LIMITS);
    signal.throwIfAborted();
    for (const record of records) {
      if (record.offset >= to) return;
      yield record;
    }
    if (next <= at) throw new TenfoldError('log-unavailable', `${topic}/${partition} ends at ${at}, before ${to}.`);
    at = next;
  }
}
