// Turns a scan into a half-open range of places in its order; the same in every driver.
import { invalid, MAX_SORT_KEY } from './limits.ts';
import type { Bound, Scan } from './tables.ts';
import { afterPrefix, toSortKey, type Value } from './values.ts';

/** Places from `lower` up to but not including `upper`; undefined: no end. */
export interface Range {
  readonly lower: Uint8Array;
  readonly upper: Uint8Array | undefined;
}

/** Where a row stands in an index: its values, then its key, so that no two rows share a place. */
export function placeOf(values: readonly Value[], key: string): Buffer {
  const sortKey = toSortKey(values);
  if (sortKey.length > MAX_SORT_KEY)
    throw invalid(
      `The values that row '${key}' is indexed by have ${sortKey.length} bytes; at most ${MAX_SORT_KEY} can be sorted by.`,
    );
  return Buffer.concat([sortKey, toSortKey([key])]);
}

/** Places of a scan without an index are keys in UTF-8, else those of `placeOf`. */
export function rangeOf(scan: Scan): Range {
  const encode = scan.index === undefined ? encodeKey : toSortKey;
  const prefix = encode(scan.prefix ?? []);
  const at = (bound: Bound) => Buffer.concat([prefix, encode([bound.value])]);
  const above = (bytes: Uint8Array) => (scan.index === undefined ? justAfter(bytes) : (afterPrefix(bytes) ?? bytes));
  let lower: Uint8Array = prefix;
  let upper: Uint8Array | undefined = afterPrefix(prefix);
  if (scan.from) lower = scan.from.inclusive ? at(scan.from) : above(at(scan.from));
  if (scan.to) upper = scan.to.inclusive ? above(at(scan.to)) : at(scan.to);
  if (scan.after === undefined) return { lower, upper };
  const after = fromPosition(scan.after);
  if (!scan.reverse) return { lower: max(lower, justAfter(after)), upper };
  return { lower, upper: upper === undefined ? after : min(upper, after) };
}

/** Hexadecimal: it sorts as the bytes do. */
export function toPosition(place: Uint8Array): string {
  return Buffer.from(place.buffer, place.byteOffset, place.byteLength).toString('hex');
}

function fromPosition(position: string): Buffer {
  if (!/^([0-9a-f]{2})+$/.test(position)) throw invalid('The cursor is not one that a page ended with.');
  return Buffer.from(position, 'hex');
}

function encodeKey(values: readonly Value[]): Buffer {
  const [key] = values;
  if (values.length === 0) return Buffer.alloc(0);
  if (values.length > 1 || typeof key !== 'string')
    throw invalid('A scan without an index is bounded by texts, as its order is that of the keys.');
  return Buffer.from(key);
}

function justAfter(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.of(0)]);
}

const max = (a: Uint8Array, b: Uint8Array) => (Buffer.compare(a, b) < 0 ? b : a);
const min = (a: Uint8Array, b: Uint8Array) => (Buffer.compare(a, b) < 0 ? a : b);
