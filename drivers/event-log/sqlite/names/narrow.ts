// Finds where in a partition a name may stand, in a reading thread: asks the blocks, and reads the
// records that no sound block covers.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { indexedFields, type Narrowed, type NarrowQuery, type Span } from '../../../event-index/event-index.ts';
import { textHash } from '../../../event-index/text-hash.ts';
import { ChunkCursor, type StoredRecords } from '../record-codec.ts';
import { rowCrc } from '../schema.ts';
import { NameColumns, offsetsIn, shortHash } from './name-columns.ts';
import { columnCrc } from './name-rows.ts';
import { FIELDS, newNames, readNames } from './read-names.ts';

/** Bytes of columns that one request reads, and spans that it answers. */
const MAX_BYTES = 16 << 20;
const MAX_SPANS = 1000;
/** Records that one request reads: others wait for the thread meanwhile. */
const MOST = { records: 20_000, bytes: 8 << 20 };
/** Places so near to each other make one span: a second one costs more than what is between. */
const NEAR = 16;
/** A block with more places than these is not compared: the caller compares all it reads anyway. */
const DENSE = 64;

type Row = NonNullable<ReturnType<StatementSync['get']>>;
type Asked = Omit<NarrowQuery, 'topic' | 'partition'>;

export function narrow(db: DatabaseSync, partition: number, asked: Asked): Narrowed {
  return new Narrowing(db, partition, asked).run();
}

class Narrowing {
  readonly #db: DatabaseSync;
  readonly #chunks: StatementSync;
  readonly #partition: number;
  readonly #asked: Asked;
  readonly #hash: number;
  readonly #names = newNames();
  readonly #read = { records: 0, bytes: 0 };
  readonly #spans: Span[] = [];
  /** Places that nobody has compared yet. */
  #maybe = 0;
  #unindexed = 0;
  /** All from here on was looked at. */
  #from: number;

  constructor(db: DatabaseSync, partition: number, asked: Asked) {
    this.#db = db;
    this.#chunks = db.prepare(
      'SELECT base, count, newest, reach, crc, data FROM log_chunks WHERE partition = ? AND base < ? ORDER BY base DESC',
    );
    this.#partition = partition;
    this.#asked = asked;
    this.#hash = textHash(asked.value);
    this.#from = asked.end;
  }

  run(): Narrowed {
    const { field, start, end } = this.#asked;
    const partition = this.#partition;
    const column = indexedFields[field];
    const newest = this.#db.prepare(
      'SELECT base, count, crc, bytes FROM log_names WHERE partition = ? AND field = ? AND base < ? ORDER BY base DESC',
    );
    let read = 0;
    for (const row of newest.iterate(partition, column, end)) {
      if (this.#from <= start) break;
      const [base, count, bytes] = [Number(row['base']), Number(row['count']), row['bytes']];
      if (!(bytes instanceof Uint8Array) || row['crc'] !== columnCrc(partition, column, base, count, bytes)) continue;
      if (!this.#readDownTo(Math.max(start, base + count))) return this.#answer();
      const low = Math.max(start, base);
      const places = offsetsIn(bytes, base, count, shortHash(this.#hash));
      this.#take(low, this.#meant(places.filter(offset => offset >= low && offset < this.#from)));
      read += bytes.length;
      if (read >= MAX_BYTES || this.#isEnough()) return this.#answer();
    }
    this.#readDownTo(start);
    return this.#answer();
  }

  #answer(): Narrowed {
    return { spans: this.#spans, from: this.#from, unindexed: this.#unindexed, read: this.#read };
  }

  /** Whether others have waited long enough for the thread. */
  #isEnough(): boolean {
    const { most = MOST } = this.#asked;
    if (this.#read.records + this.#maybe >= Math.min(most.records, MOST.records)) return true;
    return this.#read.bytes >= Math.min(most.bytes, MOST.bytes) || this.#spans.length >= MAX_SPANS;
  }

  /** Reads records that no block covers; false where it stopped above `low`. */
  #readDownTo(low: number): boolean {
    if (low >= this.#from) return true;
    const names = new NameColumns();
    for (const row of this.#chunks.iterate(this.#partition, this.#from)) {
      const chunk = this.#toChunk(row);
      if (chunk === undefined || chunk.base + chunk.count < this.#from) break;
      const from = Math.max(low, chunk.base);
      this.#read.records += this.#from - from;
      this.#read.bytes += chunk.data.length;
      this.#unindexed += this.#from - from;
      this.#take(from, this.#matchesIn(chunk, names));
      if (from === low) return true;
      if (this.#isEnough()) return false;
    }
    // Something is damaged here: who reads it is told what.
    this.#unindexed += this.#from - low;
    this.#spans.push({ start: low, end: this.#from });
    this.#from = low;
    return true;
  }

  /** The newest first, with those of damaged records. */
  #matchesIn(chunk: StoredRecords, names: NameColumns): number[] {
    names.clear();
    const damaged: number[] = [];
    names.addChunk(chunk, offset => damaged.push(offset));
    const column = names.column(indexedFields[this.#asked.field]);
    const found = offsetsIn(column, chunk.base, chunk.count, shortHash(this.#hash));
    return damaged.length === 0 ? found : [...new Set([...found, ...damaged])].sort((a, b) => b - a);
  }

  /** Keeps the offsets whose records have the whole hash or are damaged. The newest come first. */
  #meant(offsets: readonly number[]): readonly number[] {
    if (offsets.length > DENSE) {
      this.#maybe += offsets.length;
      return offsets;
    }
    this.#read.records += offsets.length;
    let chunk: StoredRecords | undefined;
    let cursor: ChunkCursor | undefined;
    // A cursor only goes up.
    const meant = offsets.toReversed().filter(offset => {
      if (chunk === undefined || offset >= chunk.base + chunk.count) {
        const row = this.#chunks.get(this.#partition, offset + 1);
        chunk = row && this.#toChunk(row);
        this.#read.bytes += chunk?.data.length ?? 0;
        cursor = chunk && new ChunkCursor(chunk.data, chunk.base, chunk.count);
      }
      return chunk === undefined || cursor === undefined || this.#isMeant(chunk.data, cursor, offset);
    });
    return meant.reverse();
  }

  #isMeant(data: Buffer, cursor: ChunkCursor, offset: number): boolean {
    while (cursor.offset < offset && !cursor.isAtEnd) cursor.skip();
    if (cursor.isAtEnd || !cursor.isSound) return true;
    const field = indexedFields[this.#asked.field];
    readNames(data, cursor.start, cursor.end, this.#names);
    return this.#names[field] === this.#hash || this.#names[field + FIELDS] === this.#hash;
  }

  /** Undefined where its checksum is wrong. */
  #toChunk(row: Row): StoredRecords | undefined {
    const [base, count, newest, reach] = ['base', 'count', 'newest', 'reach'].map(name => Number(row[name]));
    const { data, crc } = row;
    if (base === undefined || count === undefined || newest === undefined || reach === undefined) return undefined;
    if (!(data instanceof Uint8Array)) return undefined;
    if (crc !== rowCrc(this.#partition, base, count, newest, reach, data.length)) return undefined;
    return { base, count, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) };
  }

  /** All down to `low` was looked at, and found to be at these offsets, the newest first. */
  #take(low: number, offsets: readonly number[]): void {
    for (const offset of offsets) {
      if (offset < low || offset >= this.#from) continue;
      const before = this.#spans.at(-1);
      if (before !== undefined && before.start - offset <= NEAR)
        this.#spans[this.#spans.length - 1] = { start: offset, end: before.end };
      else this.#spans.push({ start: offset, end: offset + 1 });
    }
    this.#from = Math.min(this.#from, low);
  }
}
