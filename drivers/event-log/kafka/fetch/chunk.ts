// The records that one fetch brought of a partition, and how many of them one read gets.
import { TenfoldError } from '../../../../core/errors.ts';
import type { Bounds, LogRecord, ReadBatch, ReadLimits } from '../../event-log.ts';
import type { FetchedPartition } from '../wire/fetch.ts';
import { DamagedBatch, unpackBatches } from '../wire/record-batch.ts';

export interface FetchedChunk {
  readonly records: readonly LogRecord[];
  readonly next: number;
  readonly bounds: Bounds;
  /** The record at `next` cannot be read. */
  readonly damage: TenfoldError | undefined;
}

/** Bytes that a record takes beside its value, for limits. */
const RECORD_BYTES = 32;

/** Fetched from offset `from` on. */
export function toChunk(fetched: FetchedPartition, from: number): FetchedChunk {
  const bounds = { start: fetched.start, end: fetched.end };
  try {
    return { ...unpackBatches(fetched.data, from, fetched.aborted), bounds, damage: undefined };
  } catch (error) {
    const offset = error instanceof DamagedBatch ? error.offset : from;
    const why = error instanceof Error ? error.message : String(error);
    const damage = new TenfoldError(
      'data-corrupt',
      `The batch at offset ${offset} of partition ${fetched.partition} of topic ${fetched.topic} cannot be read: ${why}.`,
    );
    return { records: [], next: from, bounds, damage };
  }
}

/** With its offsets behind `first`, which the partition's own first one has here. */
export function shiftChunk(chunk: FetchedChunk, first: number): FetchedChunk {
  return first === 0 ? chunk : { ...chunk, ...shiftBatch(chunk, first) };
}

export function shiftBatch({ records, next, bounds }: ReadBatch, first: number): ReadBatch {
  if (first === 0) return { records, next, bounds };
  return {
    records: records.map(record => ({ ...record, offset: record.offset + first })),
    next: next + first,
    bounds: shiftBounds(bounds, first),
  };
}

export function shiftBounds({ start, end }: Bounds, first: number): Bounds {
  return { start: start + first, end: end + first };
}

/** From its record `at` on; no records when there are none left. */
export function batchOf(
  { records, next, bounds }: FetchedChunk,
  at: number,
  { maxRecords, maxBytes }: ReadLimits,
): ReadBatch {
  let to = at;
  for (let bytes = 0; to < records.length && to - at < maxRecords; to++) {
    bytes += (records[to]?.value.byteLength ?? 0) + RECORD_BYTES;
    if (to > at && bytes > maxBytes) break;
  }
  if (at === 0 && to === records.length) return { records, next, bounds };
  return {
    records: records.slice(at, to),
    next: to === records.length ? next : (records[to]?.offset ?? next),
    bounds,
  };
}
