// Record batches (magic 2), as producers send and brokers keep them: packed from new records, and
// taken apart into those that were committed.
import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { crc32c } from '../../../crc32c.ts';
import type { LogRecord, NewRecord } from '../../event-log.ts';
import { WireReader, WireWriter } from './bytes.ts';
import { inflateLz4, inflateSnappy, MAX_INFLATED } from './inflate.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

export interface ProducerPlace {
  readonly id: number;
  readonly epoch: number;
  /** The sequence of the first record in its partition. */
  readonly sequence: number;
}

const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
/** Places in a batch. */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const RECORDS_AT = 61;
/** Bits of its attributes. */
const CODEC = 0b111;
const LOG_APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
/** Bytes that a record takes beside key, value and headers, at most. */
const RECORD_OVERHEAD = 24;
const NONE = Buffer.alloc(0);

/** Bytes that it takes in a batch, or a little less. */
export function encodedSizeOf({ key, value, headers }: NewRecord): number {
  let size = RECORD_OVERHEAD + value.byteLength + (key === null ? 0 : key.length);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0) + 4;
  return size;
}

/** `nowMs`: what a topic that keeps its producers' times is told. */
export function packBatch(
  records: readonly NewRecord[],
  producer: ProducerPlace,
  compression: Compression,
  nowMs: number,
): Buffer {
  const packed = new WireWriter(records.reduce((sum, record) => sum + encodedSizeOf(record), RECORDS_AT + 64));
  const codec = CODECS[compression];
  packed.i64(0).i32(0).i32(-1).i8(2).u32(0).i16(codec);
  packed
    .i32(records.length - 1)
    .i64(nowMs)
    .i64(nowMs);
  packed.i64(producer.id).i16(producer.epoch).i32(producer.sequence).i32(records.length);
  let out = packed;
  if (codec !== 0) out = new WireWriter(packed.bytes.length + 1024);
  const scratch = new WireWriter();
  for (const [index, record] of records.entries()) packRecord(out, scratch, record, index);
  if (codec !== 0) packed.raw(compression === 'gzip' ? gzipSync(out.bytes) : zstdCompressSync(out.bytes));
  const { length } = packed;
  packed.i32At(LENGTH_AT, length - LENGTH_AT - 4);
  packed.u32At(CRC_AT, crc32c(packed.bytes, ATTRIBUTES_AT));
  return packed.bytes;
}

/** All but the value goes through `scratch`, as the size comes first. */
function packRecord(out: WireWriter, scratch: WireWriter, { key, value, headers }: NewRecord, index: number): void {
  scratch.length = 0;
  scratch.i8(0).varint(0).varint(index);
  if (key === null) scratch.varint(-1);
  else scratch.text(key);
  scratch.varint(value.byteLength);
  const middle = scratch.length;
  let count = 0;
  for (const _ in headers) count++;
  scratch.varint(count);
  for (const name in headers) scratch.text(name).text(headers[name] ?? '');
  const { bytes } = scratch;
  out.varint(bytes.length + value.byteLength);
  out.raw(bytes.subarray(0, middle)).raw(value).raw(bytes.subarray(middle));
}

export interface AbortedTransaction {
  readonly producer: number;
  readonly first: number;
}

export interface Unpacked {
  readonly records: LogRecord[];
  /** The offset to go on from: behind the last complete batch. */
  readonly next: number;
}

/** A batch whose checksum or form is wrong; what comes before it is sound and was unpacked. */
export class DamagedBatch extends Error {
  readonly offset: number;

  constructor(offset: number, why: string) {
    super(why);
    this.offset = offset;
  }
}

/**
 * The records in `data` from offset `from` on, without markers and records of aborted transactions.
 * The last batch may be incomplete, as brokers cut anywhere. Throws `DamagedBatch` when the first
 * requested batch is damaged; a later damaged one ends the result.
 */
export function unpackBatches(data: Buffer, from: number, aborted: readonly AbortedTransaction[]): Unpacked {
  const records: LogRecord[] = [];
  const dropped = new Dropped(aborted);
  let next = from;
  let before = -1;
  const reader = new WireReader(data);
  while (reader.left >= RECORDS_AT) {
    const start = reader.at;
    const base = reader.i64();
    const length = reader.i32();
    if (reader.left < length) break;
    const end = reader.at + length;
    const sound = records.length;
    try {
      if (base <= before) throw new DamagedBatch(base, 'it is not behind the batch before it');
      const last = unpackBatch(data.subarray(start, end), base, from, dropped, records);
      next = Math.max(next, last + 1);
      before = last;
    } catch (error) {
      // A batch that is read again must have left no records.
      records.length = sound;
      if (next > from) break;
      throw error instanceof RangeError ? new DamagedBatch(base, 'one of its records is malformed') : error;
    }
    reader.at = end;
  }
  return { records, next };
}

/** Returns the offset of its last record, be it there or not. */
function unpackBatch(batch: Buffer, base: number, from: number, dropped: Dropped, records: LogRecord[]): number {
  const header = new WireReader(batch, MAGIC_AT);
  const magic = header.i8();
  if (magic !== 2) throw new DamagedBatch(base, `it has format ${magic}; 2 can be read`);
  if (header.u32() !== crc32c(batch, ATTRIBUTES_AT)) throw new DamagedBatch(base, 'its checksum does not match');
  const attributes = header.i16();
  const last = base + header.i32();
  const baseTime = header.i64();
  const maxTime = header.i64();
  const producer = header.i64();
  header.i16();
  header.i32();
  const count = header.i32();
  if (last < base || count < 0) throw new DamagedBatch(base, 'it has fewer records than none');
  if (last < from) return last;
  if (attributes & CONTROL) {
    dropped.end(producer, base);
    return last;
  }
  if (attributes & TRANSACTIONAL && dropped.has(producer, base)) return last;
  const reader = inflate(batch, attributes & CODEC, base);
  const fixedTime = attributes & LOG_APPEND_TIME ? maxTime : undefined;
  let before = base - 1;
  for (let index = 0; index < count; index++) {
    const size = reader.varint();
    const end = reader.at + size;
    if (size < 0 || size > reader.left) throw new DamagedBatch(base, 'a record reaches beyond its end');
    reader.i8();
    const time = baseTime + reader.varint();
    const offset = base + reader.varint();
    if (offset <= before || offset > last) throw new DamagedBatch(base, 'its records are not in order');
    before = offset;
    if (offset >= from) {
      records.push(unpackRecord(reader, offset, fixedTime ?? time));
      if (reader.at !== end) throw new DamagedBatch(base, 'a record is not as long as it says');
    }
    reader.at = end;
  }
  return last;
}

const OWN = { enumerable: true, configurable: true, writable: true };

function unpackRecord(reader: WireReader, offset: number, timestamp: number): LogRecord {
  const keySize = reader.varint();
  const key = keySize < 0 ? null : keyOf(reader.bytes(keySize));
  const valueSize = reader.varint();
  const value = valueSize < 0 ? NONE : reader.bytes(valueSize);
  const headers: Record<string, string> = {};
  const count = reader.varint();
  if (count < 0) throw new RangeError('A record has a negative number of headers.');
  for (let left = count; left > 0; left--) {
    const name = reader.utf8(reader.varint()).toLowerCase();
    const size = reader.varint();
    const text = size < 0 ? '' : reader.utf8(size);
    // Set in the usual way it would be the prototype, and the header lost.
    if (name === '__proto__') Object.defineProperty(headers, name, { ...OWN, value: text });
    else headers[name] = text;
  }
  if (valueSize < 0) return { offset, timestamp, key, value, headers, isTombstone: true };
  return { offset, timestamp, key, value, headers };
}

/** Keys of others may be bytes: those that are no text are told apart as Base64. */
function keyOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') && !isUtf8(bytes) ? `base64:${bytes.toString('base64')}` : text;
}

function inflate(batch: Buffer, codec: number, base: number): WireReader {
  if (codec === 0) return new WireReader(batch, RECORDS_AT);
  const packed = batch.subarray(RECORDS_AT);
  const limit = { maxOutputLength: MAX_INFLATED };
  try {
    if (codec === CODECS.gzip) return new WireReader(gunzipSync(packed, limit));
    if (codec === CODECS.zstd) return new WireReader(zstdDecompressSync(packed, limit));
    if (codec === CODECS.lz4) return new WireReader(inflateLz4(packed));
    if (codec === CODECS.snappy) return new WireReader(inflateSnappy(packed));
  } catch (error) {
    throw new DamagedBatch(base, `it cannot be decompressed: ${error instanceof Error ? error.message : error}`);
  }
  throw new DamagedBatch(base, `it is compressed with codec ${codec}, which is not known here`);
}

/** Which producers' records are those of a transaction that was aborted, as one goes on. */
class Dropped {
  readonly #coming: AbortedTransaction[];
  readonly #open = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#coming = aborted.toSorted((a, b) => a.first - b.first);
  }

  has(producer: number, offset: number): boolean {
    while (this.#coming[0] && this.#coming[0].first <= offset) this.#open.add(this.#coming.shift()?.producer ?? -1);
    return this.#open.has(producer);
  }

  end(producer: number, offset: number): void {
    this.has(producer, offset);
    this.#open.delete(producer);
  }
}
