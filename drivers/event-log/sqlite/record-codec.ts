// A record as it lies in a chunk: length, CRC-32 of all that follows,
// timestamp, key, headers, value.
import { crc32 } from 'node:zlib';
import { ByteReader, type ByteWriter } from '../../sqlite/bytes.ts';
import type { LogRecord, NewRecord } from '../event-log.ts';

const HEAD = 8;

/** Bytes that were written. */
export function writeRecord(out: ByteWriter, record: NewRecord, timestamp: number): number {
  const start = out.length;
  out.u32(0);
  out.u32(0);
  out.f64(timestamp);
  out.text(record.key);
  const names = Object.keys(record.headers);
  out.u32(names.length);
  for (const name of names) {
    out.text(name);
    out.text(record.headers[name] ?? '');
  }
  out.raw(record.value);
  const body = out.bytes.subarray(start + HEAD);
  out.setU32(start, body.length);
  out.setU32(start + 4, crc32(body));
  return out.length - start;
}

/** About what a record takes in memory before it is written, bytes. */
export function queuedSizeOf({ key, headers, value }: NewRecord): number {
  let size = 32 + value.byteLength + (key?.length ?? 0);
  for (const name in headers) size += 8 + name.length + (headers[name]?.length ?? 0);
  return size;
}

export interface StoredRecords {
  readonly base: number;
  readonly count: number;
  readonly data: Buffer;
}

/** A chunk that is read record by record. */
export class ChunkCursor {
  readonly #chunk: Buffer;
  readonly #end: number;
  #at = 0;
  #offset: number;

  /** A chunk without bytes stands for records that could not be salvaged. */
  constructor(chunk: Buffer, base: number, count: number) {
    this.#chunk = chunk;
    this.#end = base + count;
    this.#offset = chunk.length === 0 ? this.#end : base;
  }

  /** Offset of the next record. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#end;
  }

  /** The next record begins here in the chunk. */
  get at(): number {
    return this.#at;
  }

  /** Its body begins here, behind `end` where the chunk ends too early. */
  get start(): number {
    return this.#at + HEAD;
  }

  /** The end of the next record by its own size, at most the end of the chunk. */
  get end(): number {
    const left = this.#chunk.length - this.#at;
    return left < HEAD ? this.#chunk.length : this.#at + Math.min(left, HEAD + this.#chunk.readUInt32LE(this.#at));
  }

  /** Size of the next record, bytes. */
  get size(): number {
    return this.end - this.#at;
  }

  /** Whether the checksum of the next record is right. */
  get isSound(): boolean {
    const { start, end } = this;
    return start <= end && crc32(this.#chunk.subarray(start, end)) === this.#chunk.readUInt32LE(this.#at + 4);
  }

  skip(): void {
    this.#at = this.end;
    this.#offset++;
  }

  /** Undefined when its checksum is wrong. */
  next(): LogRecord | undefined {
    if (!this.isSound) return undefined;
    const record = readRecordBody(new ByteReader(this.#chunk, this.start, this.end), this.#offset);
    this.skip();
    return record;
  }
}

/**
 * The part of a chunk that has its records from `from` on, at most so many. The whole chunk where
 * its sizes do not lead there.
 */
export function cutChunk(whole: StoredRecords, from: number, maxRecords: number): StoredRecords {
  const { data, base, count } = whole;
  const cursor = new ChunkCursor(data, base, count);
  while (cursor.offset < from && !cursor.isAtEnd) cursor.skip();
  const [start, first] = [cursor.at, cursor.offset];
  while (cursor.offset < first + maxRecords && !cursor.isAtEnd) cursor.skip();
  if (cursor.at === start) return whole;
  return { base: first, count: cursor.offset - first, data: data.subarray(start, cursor.at) };
}

export function readRecordBody(body: ByteReader, offset: number): LogRecord {
  const timestamp = body.f64();
  const key = body.textOrNull();
  const headers: Record<string, string> = {};
  for (let left = body.u32(); left > 0; left--) {
    const name = body.text();
    const value = body.text();
    if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true });
    else headers[name] = value;
  }
  // A copy: whoever keeps one record must not keep the whole chunk.
  return { offset, timestamp, key, headers, value: Buffer.from(body.raw(body.left)) };
}
