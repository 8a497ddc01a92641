// Values that rows are indexed by, and their encoding into bytes that sort as the values do:
// the same in every driver.
import { TenfoldError } from '../../core/errors.ts';

/** Sorted null, false, true, numbers, texts (by their UTF-8 bytes). */
export type Value = null | boolean | number | string;

const NULL = 0x10;
const FALSE = 0x20;
const TRUE = 0x21;
const NUMBER = 0x30;
const TEXT = 0x40;

/**
 * Bytes of a list of values; compared byte by byte they are ordered as the lists are, and a list's
 * bytes begin with those of its beginnings. Texts end with 00 and have 00 and 01 inside written as
 * 01 01 and 01 02, so none is a prefix of another.
 */
export function toSortKey(values: readonly Value[]): Buffer {
  return Buffer.concat(values.map(encode));
}

/** The smallest bytes above all that begin with `prefix`; undefined when there are none. */
export function afterPrefix(prefix: Uint8Array): Buffer | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const next = Buffer.from(prefix.subarray(0, end));
  next[end - 1] = (next[end - 1] ?? 0) + 1;
  return next;
}

function encode(value: Value): Buffer {
  if (value === null) return Buffer.of(NULL);
  if (value === false) return Buffer.of(FALSE);
  if (value === true) return Buffer.of(TRUE);
  if (typeof value === 'number') return encodeNumber(value);
  return encodeText(value);
}

/**
 * IEEE 754 big-endian: positive numbers get the sign bit set, negative ones are inverted; then
 * bytes order as numbers do.
 */
function encodeNumber(value: number): Buffer {
  if (Number.isNaN(value)) throw new TenfoldError('invalid-input', 'A row cannot be indexed by NaN.');
  const bytes = Buffer.alloc(9);
  bytes[0] = NUMBER;
  bytes.writeDoubleBE(value === 0 ? 0 : value, 1);
  if (value < 0) for (let index = 1; index < 9; index++) bytes[index] = ~(bytes[index] ?? 0) & 0xff;
  else bytes[1] = (bytes[1] ?? 0) | 0x80;
  return bytes;
}

function encodeText(value: string): Buffer {
  const raw = Buffer.from(value);
  let special = 0;
  for (const byte of raw) if (byte <= 1) special++;
  const bytes = Buffer.alloc(raw.length + special + 2);
  bytes[0] = TEXT;
  let at = 1;
  for (const byte of raw) {
    if (byte > 1) {
      bytes[at++] = byte;
    } else {
      bytes[at++] = 1;
      bytes[at++] = byte + 1;
    }
  }
  return bytes;
}
