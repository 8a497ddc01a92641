// The records in the topic of dead letters: letters, which hold the event's own bytes, and marks of
// what people did with them.

import { fromStoredFailure, type StoredFailure, storedFailure } from '../../../core/failure.ts';
import type { LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter, DeathReason } from '../settings.ts';

export type LetterMark = 'redriven' | 'purged';

export type DeadRecord =
  | { readonly type: 'letter'; readonly letter: DeadLetter }
  | { readonly type: 'mark'; readonly mark: LetterMark; readonly event: number; readonly generation: number }
  /**
   * A record of a later release. This release cannot tell whether it is a letter or a mark.
   * `event`: the event that it seems to be about.
   */
  | { readonly type: 'later'; readonly version: number; readonly event: number | undefined };

/** The event's headers stay as they are, so that any tool can read the topic; ours is one more. */
const HEADER = 'tenfold-dead';
export const DEAD_LETTER_VERSION = 1;
const NOTHING = new Uint8Array(0);

interface HeaderFields {
  readonly v: number;
  readonly type: 'letter' | LetterMark;
  readonly event: number;
  readonly generation: number;
  readonly reason: DeathReason;
  readonly error?: StoredFailure['error'];
  readonly cause?: StoredFailure['cause'];
  readonly attempts: number;
  readonly at: number;
  readonly held: boolean;
  /** Timestamp in the source. */
  readonly ts: number;
}

export function encodeLetter(letter: DeadLetter): NewRecord {
  const { partition, offset: event, generation, reason, error, attempts, at, held, record } = letter;
  const v = DEAD_LETTER_VERSION;
  const fields = { v, type: 'letter', event, generation, reason, attempts, at, held, ts: record.timestamp };
  return {
    key: record.key,
    partition,
    value: record.value,
    headers: { ...record.headers, [HEADER]: JSON.stringify({ ...fields, ...storedFailure(error) }) },
  };
}

export function encodeMark(mark: LetterMark, partition: number, event: number, generation: number): NewRecord {
  const fields = { v: DEAD_LETTER_VERSION, type: mark, event, generation };
  return { key: null, partition, value: NOTHING, headers: { [HEADER]: JSON.stringify(fields) } };
}

/** Undefined for a record that is no dead letter. */
export function decodeDeadRecord(partition: number, record: LogRecord): DeadRecord | undefined {
  const { [HEADER]: text, ...headers } = record.headers;
  const fields = text === undefined ? undefined : parse(text);
  if (fields === undefined) return undefined;
  const { v, type, event, generation, reason, attempts, at, held, ts } = fields;
  if (v > DEAD_LETTER_VERSION)
    return { type: 'later', version: v, event: Number.isSafeInteger(event) ? event : undefined };
  if (v !== DEAD_LETTER_VERSION || !Number.isSafeInteger(event)) return undefined;
  if (type !== 'letter') return { type: 'mark', mark: type, event, generation };
  const { key, value } = record;
  return {
    type,
    letter: {
      partition,
      offset: event,
      generation,
      reason,
      error: fromStoredFailure(fields),
      attempts,
      at,
      held,
      record: { offset: event, timestamp: ts, key, value, headers },
    },
  };
}

function parse(text: string): HeaderFields | undefined {
  try {
    const fields: HeaderFields | null = JSON.parse(text);
    return typeof fields?.v === 'number' ? fields : undefined;
  } catch {
    return undefined;
  }
}
