// Parking log records as bytes: one line of JSON (version 1), then the event's own
// bytes where there is an event.

import { fromStoredFailure, type StoredFailure, storedFailure } from '../../core/failure.ts';
import { assertKnownVersion } from '../../core/stored-version.ts';
import type { LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import type { FailureReason } from '../dispatch/failed-attempt.ts';
import type { DeathReason } from '../dispatch/settings.ts';
import { ownBytes } from './own-bytes.ts';
import type { Checkpoint, CommandOutcome, CommandVerb, Hold, ParkingLogRecord } from './parking-log-record.ts';

const PARKING_LOG_VERSION = 1;
const NEWLINE = 0x0a;

/** The fields of the embedded event in the line; its value follows the line. */
interface EmbeddedEvent {
  /** Timestamp in the source. */
  readonly ts: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every field that a line can have; its `type` decides which ones it has. */
interface RecordFields {
  readonly v: number;
  readonly type: ParkingLogRecord['type'];
  readonly claim: number;
  readonly seq: number;
  readonly nonce: string;
  readonly checkpoint?: Checkpoint;
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  readonly at: number;
  readonly wait: number;
  readonly error?: StoredFailure['error'];
  readonly cause?: StoredFailure['cause'];
  readonly failed?: FailureReason;
  readonly reason: DeathReason;
  readonly since: number;
  readonly held: boolean;
  readonly hold?: Hold;
  readonly command?: number;
  readonly outcome?: CommandOutcome;
  readonly verb: CommandVerb;
  readonly parkedAs?: number;
  readonly letter?: number;
  readonly asOf?: number;
  readonly of?: EmbeddedEvent;
}

export function encodeParkingLogRecord(record: ParkingLogRecord, partition: number): NewRecord {
  const { record: embedded, error, ...rest } = { record: undefined, error: undefined, ...record };
  const of = embedded && { of: { ts: embedded.timestamp, key: embedded.key, headers: embedded.headers } };
  const fields = Buffer.from(
    `${JSON.stringify({ v: PARKING_LOG_VERSION, ...rest, ...storedFailure(error), ...of })}\n`,
    'utf8',
  );
  return {
    key: null,
    partition,
    headers: {},
    value: embedded ? Buffer.concat([fields, embedded.value]) : fields,
  };
}

/**
 * Undefined for a record that is no parking log record at all: it changes nothing. A later version
 * is refused (`later-release`), as an owner that cannot read a parking log must not act on it.
 */
export function decodeParkingLogRecord(record: LogRecord): ParkingLogRecord | undefined {
  const { value } = record;
  const end = value.indexOf(NEWLINE);
  const fields = parseFields(value, end);
  if (fields === undefined) return undefined;
  assertKnownVersion(`parking log record ${record.offset}`, fields.v, PARKING_LOG_VERSION);
  const embedded = fields.of && {
    offset: fields.event,
    timestamp: fields.of.ts,
    key: fields.of.key,
    headers: fields.of.headers,
    value: ownBytes(value.subarray(end + 1)),
  };
  return toParkingLogRecord(fields, embedded);
}

function parseFields(value: Uint8Array, end: number): RecordFields | undefined {
  try {
    const fields: RecordFields = JSON.parse(Buffer.from(value.buffer, value.byteOffset, end).toString('utf8'));
    return Number.isSafeInteger(fields.v) ? fields : undefined;
  } catch {
    return undefined;
  }
}

function toParkingLogRecord(fields: RecordFields, record: LogRecord | undefined): ParkingLogRecord | undefined {
  const { claim, seq, event, generation, attempts, at, wait, reason, since, held, command, failed } = fields;
  const error = fromStoredFailure(fields);
  switch (fields.type) {
    case 'claim':
      return { type: 'claim', nonce: fields.nonce, checkpoint: fields.checkpoint };
    case 'command':
      return {
        type: 'command',
        verb: fields.verb,
        event,
        generation,
        parkedAs: fields.parkedAs,
        letter: fields.letter,
        asOf: fields.asOf,
        record,
      };
    case 'park':
      if (record === undefined) return undefined;
      return {
        type: 'park',
        claim,
        seq,
        event,
        generation,
        attempts,
        at,
        wait,
        since,
        error,
        failed,
        command,
        hold: fields.hold,
        record,
      };
    case 'retry':
      return { type: 'retry', claim, seq, event, attempts, at, wait, since, error, failed, command };
    case 'done':
      return { type: 'done', claim, seq, event };
    case 'dead':
      return { type: 'dead', claim, seq, event, generation, attempts, reason, since, held, error, command, record };
    case 'dead-lettered':
      return { type: 'dead-lettered', claim, seq, event, generation, held };
    case 'acked':
      return command === undefined ? undefined : { type: 'acked', claim, seq, command, outcome: fields.outcome };
    default:
      return undefined;
  }
}
