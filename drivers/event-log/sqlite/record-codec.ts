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

  /** Size of the next record, bytes. */
  get size(): number {
    return this.#limit() - this.#at;
  }

  skip(): void {
    this.#at = this.#limit();
    this.#offset++;
  }

  /** Undefined when its checksum is wrong. */
  next(): LogRecord | undefined {
    const start = this.#at + HEAD;
    const end = this.#limit();
    if (start > end || crc32(this.#chunk.subarray(start, end)) !== this.#chunk.readUInt32LE(this.#at + 4))
      return undefined;
    const record = readBody(new ByteReader(this.#chunk, start, end), this.#offset);
    this.skip();
    return record;
  }

  /** The end of the next record by its own size, at most the end of the chunk. */
  #limit(): number {
    const left = this.#chunk.length - this.#at;
    return left < HEAD ? this.#chunk.length : this.#at + Math.min(left, HEAD + this.#chunk.readUInt32LE(this.#at));
  }
}

function readBody(body: ByteReader, offset: number): LogRecord {
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
