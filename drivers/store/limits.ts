// Checks that every store makes before it is called: it refuses names that are too long, values
// that are too large, and numbers that cannot be stored.
import { TenfoldError } from '../../core/errors.ts';
import type { IndexPaging, ScopedRows } from './tables.ts';

/** Bytes of UTF-8 in a scope, key, member, table, … */
const MAX_NAME = 1024;
/** Bytes of one value. */
const MAX_VALUE = 4 * 1024 * 1024;
/** Bytes of the values that one row is indexed by, together, in one index. */
export const MAX_SORT_KEY = 1024;
export const MAX_INDEXES = 32;
/** Rows, members or entries in one answer. */
export const MAX_PAGE = 10_000;
/** Rows that one question counts. */
export const MAX_COUNTED = 1_000_000;
/** An answer ends after the value that reaches so many bytes. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
export const MAX_CHANGES = 10_000;
/** Bytes of values in one `apply`. */
export const MAX_APPLY_BYTES = 16 * 1024 * 1024;
/** A time to live has to end some day: 10 years. */
const MAX_TTL_MS = 10 * 365 * 86_400_000;
export const MAX_RANKING = 1_000_000;
export const MAX_FEED = 100_000;

export function assertName(what: string, name: string): void {
  if (name === '') throw invalidState(`${what} is empty.`);
  if (name.length > MAX_NAME || Buffer.byteLength(name) > MAX_NAME)
    throw invalidState(`${what} '${name.slice(0, 40)}…' is longer than ${MAX_NAME} bytes.`);
  if (!name.isWellFormed())
    throw invalidState(`${what} '${name.toWellFormed().slice(0, 40)}' is not well-formed Unicode.`);
}

export function assertNames(scope: string, ...names: readonly string[]): void {
  assertName('The scope', scope);
  for (const name of names) assertName('The name', name);
}

/** Bytes that it takes. */
export function assertValue(what: string, value: Uint8Array | string): number {
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;
  if (bytes > MAX_VALUE)
    throw new TenfoldError(
      'body-too-large',
      `${what} has ${bytes} bytes; the store keeps at most ${MAX_VALUE} in one value.`,
    );
  return bytes;
}

export function assertWhole(what: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalidState(`${what} is ${value}; it must be a whole number from ${min} to ${max}.`);
}

export function assertPage(limit: number): void {
  assertWhole('The limit', limit, 1, MAX_PAGE);
}

/** No set is no question. */
export function assertSets(sets: readonly ScopedRows[], table: string, { index, limit }: IndexPaging): void {
  assertWhole('The number of sets', sets.length, 1, MAX_PAGE);
  for (const name of [table, index, ...sets.map(({ scope }) => scope)]) assertName('A name', name);
  assertPage(limit);
}

export function assertTtl(what: string, ttlMs: number): void {
  if (!(ttlMs >= 1 && ttlMs <= MAX_TTL_MS))
    throw invalidState(`${what} is ${ttlMs} ms; it must be from 1 ms to 10 years.`);
}

export function assertFinite(what: string, value: number): void {
  if (!Number.isFinite(value)) throw invalidState(`${what} is ${value}; it must be a finite number.`);
}

export function invalidState(message: string): TenfoldError {
  return new TenfoldError('invalid-input', message);
}
