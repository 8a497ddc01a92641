// How requests to the store's tables cross to their thread: the operations, and the packing of
// what they have in common.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { StoreEntry } from '../store.ts';
import type { Row } from '../tables.ts';

export const STORE_WRITE = { put: 0, delete: 1, count: 2, apply: 3, takeDue: 4, settle: 5, drop: 6, sweep: 7 } as const;
export const STORE_READ = {
  get: 0,
  rows: 1,
  scan: 2,
  top: 3,
  around: 4,
  rankingSize: 5,
  feed: 6,
  counter: 7,
  position: 8,
  scopes: 9,
  nextFree: 10,
  nextExpiry: 11,
  clock: 12,
  countRows: 13,
  aroundPlace: 14,
  scanSets: 15,
} as const;

export function packTexts(out: ByteWriter, ...texts: readonly string[]): void {
  for (const text of texts) out.text(text);
}

/** NaN stands for undefined: no number of the store's is NaN. */
export function packMaybe(out: ByteWriter, value: number | undefined): void {
  out.f64(value ?? Number.NaN);
}

export function unpackMaybe(from: ByteReader): number | undefined {
  const value = from.f64();
  return Number.isNaN(value) ? undefined : value;
}

export function unpackItems<T>(from: ByteReader, unpack: () => T): T[] {
  const items: T[] = [];
  for (let count = from.u32(); count > 0; count--) items.push(unpack());
  return items;
}

export function packBytes(out: ByteWriter, value: Uint8Array | string): void {
  if (typeof value === 'string') out.text(value);
  else out.sized(value);
}

export function packMaybeBytes(out: ByteWriter, value: Uint8Array | string | undefined): void {
  out.u8(value === undefined ? 0 : 1);
  if (value !== undefined) packBytes(out, value);
}

/** A copy, so that what the caller keeps does not keep the whole frame. */
export function unpackBytes(from: ByteReader): Uint8Array {
  return new Uint8Array(from.sized());
}

export function unpackMaybeBytes(from: ByteReader): Uint8Array | undefined {
  return from.u8() === 0 ? undefined : unpackBytes(from);
}

export function packStoreEntry(out: ByteWriter, entry: StoreEntry | undefined): void {
  out.u8(entry ? 1 : 0);
  if (!entry) return;
  out.text(entry.version);
  out.sized(entry.value);
}

export function unpackStoreEntry(from: ByteReader): StoreEntry | undefined {
  if (from.u8() === 0) return undefined;
  const version = from.text();
  return { version, value: unpackBytes(from) };
}

export function packRow(out: ByteWriter, row: Row): void {
  out.text(row.key);
  out.text(row.version);
  out.sized(row.value);
}

export function unpackRow(from: ByteReader): Row {
  const key = from.text();
  const version = from.text();
  return { key, version, value: unpackBytes(from) };
}
