// The names of consecutive records as columns, one for each field: two bytes of the hash of each
// name, in the order of the records. A search in them finds places to the record, and is wrong
// about one record of 65,535.
import { indexedFields } from '../../../event-index/event-index.ts';
import { ChunkCursor, type StoredRecords } from '../record-codec.ts';
import { FIELDS, newNames, readNames } from './read-names.ts';

/** The value for no name; no name has it. */
const NONE = 0;

/** A column has this part of the hash of a name. */
export function shortHash(hash: number): number {
  return hash & 0xffff || 1;
}

export class NameColumns {
  /** A record may belong to two traces, so each field has a second column behind the first ones. */
  readonly #names = newNames();
  #columns = Array.from(this.#names, () => new Uint16Array(0));
  readonly #isUsed = Array.from(this.#names, () => false);
  #count = 0;

  /** Begins anew. */
  clear(): void {
    for (const column of this.#columns) column.fill(NONE, 0, this.#count);
    this.#isUsed.fill(false);
    this.#count = 0;
  }

  /**
   * A damaged record has the names that it shows. `damaged` is told of its offset; without that
   * nobody looks at checksums.
   */
  addChunk({ data, base, count }: StoredRecords, damaged?: (offset: number) => void): void {
    this.#reserve(this.#count + count);
    const cursor = new ChunkCursor(data, base, count);
    for (let at = this.#count; !cursor.isAtEnd; at++) {
      if (damaged !== undefined && !cursor.isSound) damaged(cursor.offset);
      readNames(data, cursor.start, cursor.end, this.#names);
      this.#put(at);
      cursor.skip();
    }
    this.#count += count;
  }

  /** By number of the field, as they are stored; no bytes where no record has such a name. */
  all(): Uint8Array[] {
    return Object.values(indexedFields).map(field => this.column(field));
  }

  column(field: number): Uint8Array {
    const parts = [field, field + FIELDS].map(at => this.#columns[at]?.subarray(0, this.#count) ?? new Uint16Array(0));
    const used = this.#isUsed[field + FIELDS] ? 2 : this.#isUsed[field] ? 1 : 0;
    const column = new Uint16Array(used * this.#count);
    for (const [at, part] of parts.slice(0, used).entries()) column.set(part, at * this.#count);
    return new Uint8Array(column.buffer);
  }

  #put(record: number): void {
    for (let at = 0; at < this.#names.length; at++) {
      const hash = this.#names[at];
      const column = this.#columns[at];
      if (hash === undefined || column === undefined) continue;
      this.#isUsed[at] = true;
      column[record] = shortHash(hash);
    }
  }

  #reserve(count: number): void {
    if ((this.#columns[0]?.length ?? 0) >= count) return;
    this.#columns = this.#columns.map(before => {
      const column = new Uint16Array(Math.max(count, 2 * before.length));
      column.set(before);
      return column;
    });
  }
}

/** The offsets of `count` records from `base` on that may have the name, the newest first. */
export function offsetsIn(column: Uint8Array, base: number, count: number, name: number): number[] {
  const isAligned = column.byteOffset % Uint16Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, length } = isAligned ? column : Uint8Array.from(column);
  const names = new Uint16Array(buffer, byteOffset, length / Uint16Array.BYTES_PER_ELEMENT);
  const offsets = new Set<number>();
  for (let at = names.indexOf(name); at >= 0; at = names.indexOf(name, at + 1)) offsets.add(base + (at % count));
  return [...offsets].sort((a, b) => b - a);
}
