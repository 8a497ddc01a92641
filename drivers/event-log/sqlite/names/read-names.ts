// Reads the hashes of a record's names where it lies in a chunk. Decoding the record takes several
// times as long.

import { isStructured } from '../../../../core/cloudevents/record.ts';
import { idOfRecord, tracesOfRecord } from '../../../../core/cloudevents/record-names.ts';
import { indexedFields } from '../../../event-index/event-index.ts';
import { mixedBits, textHash } from '../../../event-index/text-hash.ts';
import { ByteReader } from '../../../sqlite/bytes.ts';
import type { LogRecord } from '../../event-log.ts';
import { readRecordBody } from '../record-codec.ts';

export const FIELDS = Object.keys(indexedFields).length;
const { id: ID, key: KEY, trace: TRACE } = indexedFields;
const NO_TEXT = 0xffff_ffff;
const TIME = 8;
const FIRST_TEXT = 0x80;
const HEADER = {
  id: Buffer.from('ce_id'),
  brought: Buffer.from('traceparent'),
  said: Buffer.from('ce_traceparent'),
  contentType: Buffer.from('content-type'),
};
/** Shorter content types are none of structured events. */
const SHORTEST_STRUCTURED = 'application/cloudevents'.length;
/** The trace id in a traceparent. */
const TRACE_AT = 3;
const TRACE_END = 35;
const TRACEPARENT = 55;

/** Room for the names of one record: by number of the field, and behind these a second trace. */
export function newNames(): (number | undefined)[] {
  return Array.from({ length: 2 * FIELDS }, () => undefined);
}

/**
 * Puts the hashes of the record's names into `names`. It may put more than the record has, and puts
 * fewer only of a damaged one.
 */
export function readNames(chunk: Buffer, start: number, end: number, names: (number | undefined)[]): void {
  names.fill(undefined);
  let at = start + TIME;
  if (at + 4 > end) return;
  const keyLength = chunk.readUInt32LE(at);
  at += 4;
  if (keyLength !== NO_TEXT) {
    if (at + keyLength > end) return;
    names[KEY] = hashAt(chunk, at, at + keyLength);
    at += keyLength;
  }
  if (at + 4 > end) return;
  let left = chunk.readUInt32LE(at);
  at += 4;
  for (; left > 0; left--) {
    if (at + 4 > end) return;
    const nameAt = at + 4;
    const nameEnd = nameAt + chunk.readUInt32LE(at);
    if (nameEnd + 4 > end) return;
    const valueAt = nameEnd + 4;
    at = valueAt + chunk.readUInt32LE(nameEnd);
    if (at > end) return;
    switch (nameEnd - nameAt) {
      case HEADER.id.length:
        if (isAt(chunk, nameAt, HEADER.id)) names[ID] = hashAt(chunk, valueAt, at);
        break;
      case HEADER.brought.length:
        if (isAt(chunk, nameAt, HEADER.brought)) putTrace(names, chunk, valueAt, at);
        break;
      case HEADER.said.length:
        if (isAt(chunk, nameAt, HEADER.said)) putTrace(names, chunk, valueAt, at);
        break;
      case HEADER.contentType.length:
        if (at - valueAt < SHORTEST_STRUCTURED || !isAt(chunk, nameAt, HEADER.contentType)) break;
        if (isStructured({ 'content-type': chunk.toString('utf8', valueAt, at) })) {
          namesOfStructured(chunk, start, end, names);
          return;
        }
    }
  }
}

/** The names of a structured event stand in its value. */
function namesOfStructured(chunk: Buffer, start: number, end: number, names: (number | undefined)[]): void {
  let record: LogRecord;
  try {
    record = readRecordBody(new ByteReader(chunk, start, end), 0);
  } catch {
    return; // damaged
  }
  const [first, second] = tracesOfRecord(record);
  names[ID] = hashOf(idOfRecord(record));
  names[TRACE] = hashOf(first);
  names[TRACE + FIELDS] = hashOf(second);
}

function hashOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : textHash(text);
}

function putTrace(names: (number | undefined)[], chunk: Buffer, at: number, end: number): void {
  if (end - at < TRACEPARENT) return;
  const hash = hashAt(chunk, at + TRACE_AT, at + TRACE_END);
  if (names[TRACE] === undefined) names[TRACE] = hash;
  else if (names[TRACE] !== hash) names[TRACE + FIELDS] = hash;
}

/** Hashes the text between the places, in UTF-8. */
function hashAt(chunk: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    const byte = chunk[at] ?? 0;
    if (byte >= FIRST_TEXT) return textHash(chunk.toString('utf8', start, end));
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return mixedBits(hash);
}

function isAt(chunk: Buffer, at: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) if (chunk[at + index] !== name[index]) return false;
  return true;
}
