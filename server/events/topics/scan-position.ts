// A place in all partitions of a topic, as text that clients give back: where each partition is to
// be read on, and where the list that it belongs to ends.
import { createHash } from 'node:crypto';
import { TenfoldError } from '../../../core/errors.ts';

/** A part of a partition that is still to be read. */
export interface Place {
  readonly partition: number;
  /** The next offset. */
  readonly next: number;
  /** The list does not go beyond it. */
  readonly end: number;
}

export interface ScanPosition {
  readonly places: readonly Place[];
  /** Offsets that the whole list has. */
  readonly total: number;
  /** Whether partitions that are added later belong to what is read from here on. */
  readonly all: boolean;
}

const PREFIX = 'at_';
const VERSION = 1;
const CHECK_BYTES = 6;
/** Heads of requests have 16,384 bytes at most, and hold more than this. */
const MAX_CHARACTERS = 14_000;
/** More than a log has; so a forged text allocates little. */
const MAX_PARTITIONS = 100_000;

/**
 * The checksum finds what was cut, mistyped, or made for another topic. It is no secret: whoever
 * has the admin token may read from any place.
 */
export function encodePosition(topic: string, { places, total, all }: ScanPosition): string {
  const bytes: number[] = [VERSION, all ? 1 : 0];
  pushNumber(bytes, total);
  pushNumber(bytes, places.length);
  let before = -1;
  for (const { partition, next, end } of places) {
    pushNumber(bytes, partition - before - 1);
    pushNumber(bytes, next);
    pushNumber(bytes, Math.max(0, end - next));
    before = partition;
  }
  const content = Buffer.from(bytes);
  const text = PREFIX + Buffer.concat([content, checksum(topic, content)]).toString('base64url');
  if (text.length <= MAX_CHARACTERS) return text;
  throw new TenfoldError(
    'unsupported',
    `The topic has ${places.length} partitions, too many to be listed together. Ask for one at a time with "partition".`,
  );
}

/** Undefined for text that does not even look like a position. Throws `bad-request`. */
export function decodePosition(topic: string, text: string): ScanPosition | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  if (text.length <= MAX_CHARACTERS) {
    const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
    const content = bytes.subarray(0, -CHECK_BYTES);
    const isWhole = bytes.length > CHECK_BYTES && checksum(topic, content).equals(bytes.subarray(-CHECK_BYTES));
    const position = isWhole ? parse(content) : undefined;
    // Base64 has several spellings of some bytes.
    if (position && encodePosition(topic, position) === text) return position;
  }
  throw new TenfoldError(
    'bad-request',
    'That is no place in this topic: it was changed on the way, or belongs to another topic. Begin again without it.',
  );
}

function parse(content: Buffer): ScanPosition | undefined {
  let at = 0;
  const readNumber = () => {
    let value = 0;
    for (let scale = 1; at < content.length; scale *= 128) {
      const byte = content[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
    }
    return Number.NaN;
  };
  if (readNumber() !== VERSION) return undefined;
  const all = readNumber() === 1;
  const total = readNumber();
  const count = readNumber();
  if (!(count <= MAX_PARTITIONS)) return undefined;
  const places: Place[] = [];
  let partition = -1;
  for (let index = 0; index < count; index++) {
    partition += readNumber() + 1;
    const next = readNumber();
    const end = next + readNumber();
    if (!(Number.isSafeInteger(end) && partition <= MAX_PARTITIONS)) return undefined;
    places.push({ partition, next, end });
  }
  return at === content.length && Number.isSafeInteger(total) ? { places, total, all } : undefined;
}

/** Base 128, the lowest digits first. */
function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

function checksum(topic: string, content: Buffer): Buffer {
  return createHash('sha256').update(`${topic}\0`).update(content).digest().subarray(0, CHECK_BYTES);
}
