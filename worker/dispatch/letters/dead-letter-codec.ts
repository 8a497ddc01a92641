// What is written to the topic of dead letters: letters, with the event's own bytes, and marks of what people did with them.
import type { LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { Failure } from '../../deliver/destination.ts';
import type { DeadLetter, DeathReason } from '../settings.ts';

export type LetterMark = 'redriven' | 'purged';

export type DeadRecord =
  | { readonly type: 'letter'; readonly letter: DeadLetter }
  | { readonly type: 'mark'; readonly mark: LetterMark; readonly event: number; readonly generation: number }
  /** Of a later release: which of both it is nobody knows here. `event`: that it seems to be about. */
  | { readonly type: 'later'; readonly version: number; readonly event: number | undefined };

/** The event's headers stay as they are, so that any tool can read the topic; ours is one more. */
const HEADER = 'tenfold-dead';
export const DEAD_LETTER_VERSION = 1;
const NOTHING = new Uint8Array(0);

interface Line {
  readonly v: number;
  readonly type: 'letter' | LetterMark;
  readonly event: number;
  readonly generation: number;
  readonly reason: DeathReason;
  readonly error?: Failure;
  readonly attempts: number;
  readonly at: number;
  readonly held: boolean;
  /** Timestamp in the source. */
  readonly ts: number;
}

export function encodeLetter(letter: DeadLetter): NewRecord {
  const { partition, offset: event, generation, reason, error, attempts, at, held, record } = letter;
  const v = DEAD_LETTER_VERSION;
  const line = { v, type: 'letter', event, generation, reason, error, attempts, at, held, ts: record.timestamp };
  return {
    key: record.key,
    partition,
    value: record.value,
    headers: { ...record.headers, [HEADER]: JSON.stringify(line) },
  };
}

export function encodeMark(mark: LetterMark, partition: number, event: number, generation: number): NewRecord {
  const line = { v: DEAD_LETTER_VERSION, type: mark, event, generation };
  return { key: null, partition, value: NOTHING, headers: { [HEADER]: JSON.stringify(line) } };
}

/** Undefined for what is none. */
export function decodeDeadRecord(partition: number, record: LogRecord): DeadRecord | undefined {
  const { [HEADER]: text, ...headers } = record.headers;
  const line = text === undefined ? undefined : parse(text);
  if (line === undefined) return undefined;
  const { v, type, event, generation, reason, error, attempts, at, held, ts } = line;
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
      error,
      attempts,
      at,
      held,
      record: { offset: event, timestamp: ts, key, value, headers },
    },
  };
}

function parse(text: string): Line | undefined {
  try {
    const line: Line | null = JSON.parse(text);
    return line !== null && typeof line === 'object' && typeof line.v === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}
