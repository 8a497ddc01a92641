// Names of keys in the bucket: the keys themselves, or escaped for servers that store objects as
// files. On those `a` and `a/b` exclude each other, and names are short.
import { createHash } from 'node:crypto';
import { TenfoldError } from '../../../core/errors.ts';
import { isBlobKey } from '../assert-blob.ts';

/** `escaped` keeps the order of keys, and keys with a common beginning have one. */
export type KeyStyle = 'plain' | 'escaped';

export interface ObjectNames {
  readonly data: string;
  /** Throws `invalid-input` when the key is too long for the bucket. */
  ofKey(key: string): string;
  /** The common beginning of the names of all keys that begin with `text`. */
  ofPrefix(text: string): string;
  /** Sorts among names as `text` does among keys. */
  ofText(text: string): string;
  /**
   * Undefined for what is no key's, such as what others have written under a
   * name that no key of ours has.
   */
  toKey(name: string): string | undefined;
}

export interface Places {
  /** Says what is kept here and how. */
  readonly marker: string;
  readonly claims: string;
  readonly journal: string;
  readonly probes: string;
  claimOf(key: string): string;
  segment(number: number): string;
  numberOf(name: string): number;
}

const MAX_NAME = 1024;
/** Bytes of a part of a path, escaped; file systems allow 255. */
const LONG = 200;
const BREAK = '!2/!2';
const END = '!';
const DIGITS = 16;

export function createPlaces(prefix: string): Places {
  const journal = `${prefix}journal/`;
  return {
    marker: `${prefix}tenfold.json`,
    claims: `${prefix}claims/`,
    journal,
    probes: `${prefix}probes/`,
    claimOf: key => `${prefix}claims/${createHash('sha256').update(key).digest('hex').slice(0, 40)}`,
    segment: number => `${journal}${String(number).padStart(DIGITS, '0')}`,
    numberOf: name => Number.parseInt(name.slice(journal.length), 10),
  };
}

export function createObjectNames(prefix: string, style: KeyStyle): ObjectNames {
  const data = `${prefix}data/`;
  const [toText, end] = style === 'plain' ? [(text: string) => text, ''] : [escapeText, END];
  return {
    data,
    ofKey(key) {
      const name = `${data}${toText(key)}${end}`;
      if (Buffer.byteLength(name) > MAX_NAME)
        throw new TenfoldError(
          'invalid-input',
          `The key '${key.slice(0, 40)}…' is too long: with what is put before it in the bucket it has more than ${MAX_NAME} bytes.`,
        );
      return name;
    },
    ofPrefix: text => data + toText(text),
    ofText: text => data + toText(text) + end,
    toKey(name) {
      if (!name.startsWith(data) || !name.endsWith(end)) return undefined;
      const text = name.slice(data.length, name.length - end.length);
      const key = style === 'plain' ? text : unescapeText(text);
      return isBlobKey(key) && toText(key) === text ? key : undefined;
    },
  };
}

/**
 * Escapes byte by byte, so that order and common beginnings stay. It replaces `!` and all
 * characters that sort before it. No name of a folder ends with `!`, so that it can mark the end of
 * an object's name, and it sorts before all characters that may follow. Long parts are broken where
 * they reach a length, whether they go on or not.
 */
function escapeText(text: string): string {
  let escaped = '';
  let length = 0;
  for (const character of text) {
    const piece = character === ' ' ? '!0' : character === '!' ? '!1' : character;
    escaped += piece;
    length = character === '/' ? 0 : length + Buffer.byteLength(piece);
    if (length < LONG) continue;
    escaped += BREAK;
    length = 2;
  }
  return escaped;
}

function unescapeText(text: string): string {
  return text.replaceAll(BREAK, '').replaceAll('!0', ' ').replaceAll('!1', '!');
}
