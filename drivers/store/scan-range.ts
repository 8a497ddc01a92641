// Turns a scan into a half-open range of places in its order; the same in every driver.
import { invalidState, MAX_SORT_KEY } from './limits.ts';
import type { Bound, Scan } from './tables.ts';
import { afterPrefix, toSortKey, type Value } from './values.ts';

/** Places from `lower` up to but not including `upper`; undefined: no end. */
export interface Range {
  readonly lower: Uint8Array;
  readonly upper: Uint8Array | undefined;
}

/**
 * The place of a row in an index: its values, 00, its key. So no two rows share a place, and
 * shorter lists come first.
 */
export function indexPlaceOf(values: readonly Value[], key: string): Buffer {
  const sortKey = toSortKey(values);
  if (sortKey.length > MAX_SORT_KEY)
    throw invalidState(
      `The values that row '${key}' is indexed by have ${sortKey.length} bytes; at most ${MAX_SORT_KEY} can be sorted by.`,
    );
  return Buffer.concat([sortKey, Buffer.of(0), Buffer.from(key)]);
}

/** Places of a scan without an index are keys in UTF-8, else those of `placeOf`. */
export function rangeOf(scan: Scan): Range {
  const { lower, upper } = scan.index === undefined ? keyRange(scan) : indexRange(scan);
  if (scan.after === undefined) return { lower, upper };
  const after = fromPosition(scan.after);
  return scan.reverse ? { lower, upper: minEnd(upper, after) } : { lower: max(lower, justAfter(after)), upper };
}

function indexRange({ prefix = [], from, to }: Scan): Range {
  const begin = toSortKey(prefix);
  const at = (bound: Bound) => Buffer.concat([begin, toSortKey([bound.value])]);
  const above = (bound: Bound) => afterPrefix(at(bound)) ?? at(bound);
  const lower = from && (from.inclusive ? at(from) : above(from));
  const upper = to && (to.inclusive ? above(to) : at(to));
  return { lower: lower ?? begin, upper: upper ?? afterPrefix(begin) };
}

function keyRange({ prefix = [], from, to }: Scan): Range {
  const begin = prefix.length === 0 ? EMPTY : toKey(prefix);
  const at = (bound: Bound) => toKey([bound.value]);
  const lower = from && (from.inclusive ? at(from) : justAfter(at(from)));
  const upper = to && (to.inclusive ? justAfter(at(to)) : at(to));
  return {
    lower: lower ? max(begin, lower) : begin,
    upper: upper ? minEnd(afterPrefix(begin), upper) : afterPrefix(begin),
  };
}

/** Hexadecimal: it sorts as the bytes do. */
export function toPosition(place: Uint8Array): string {
  return Buffer.from(place.buffer, place.byteOffset, place.byteLength).toString('hex');
}

function fromPosition(position: string): Buffer {
  if (!/^([0-9a-f]{2})+$/.test(position)) throw invalidState('The cursor is not one that a page ended with.');
  return Buffer.from(position, 'hex');
}

function toKey(values: readonly Value[]): Buffer {
  const [key] = values;
  if (values.length > 1 || typeof key !== 'string')
    throw invalidState('A scan without an index is bounded by texts, as its order is that of the keys.');
  return Buffer.from(key);
}

function justAfter(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.of(0)]);
}

const EMPTY = Buffer.alloc(0);
const max = (a: Uint8Array, b: Uint8Array) => (Buffer.compare(a, b) < 0 ? b : a);
const minEnd = (a: Uint8Array | undefined, b: Uint8Array) => (a === undefined || Buffer.compare(a, b) > 0 ? b : a);
