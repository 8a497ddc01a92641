// Lot records as bytes: one line of JSON (version 1), then the event's own bytes where there is an event.
import { assertKnownVersion } from '../../core/stored-version.ts';
import type { LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import type { Failure } from '../deliver/destination.ts';
import type { DeathReason } from '../dispatch/settings.ts';
import type { Checkpoint, CommandVerb, Hold, LotRecord } from './lot-record.ts';
import { ownBytes } from './own-bytes.ts';

const LOT_VERSION = 1;
const NEWLINE = 0x0a;

/** What stands in the line of the embedded event; its value follows the line. */
interface EventLine {
  /** Timestamp in the source. */
  readonly ts: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every field that a line can have; which ones it has follows from `type`. */
interface Line {
  readonly v: number;
  readonly type: LotRecord['type'];
  readonly claim: number;
  readonly seq: number;
  readonly nonce: string;
  readonly checkpoint?: Checkpoint;
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  readonly at: number;
  readonly wait: number;
  readonly error?: Failure;
  readonly reason: DeathReason;
  readonly since: number;
  readonly held: boolean;
  readonly hold?: Hold;
  readonly command?: number;
  readonly verb: CommandVerb;
  readonly letter?: number;
  readonly asOf?: number;
  readonly of?: EventLine;
}

export function encodeLotRecord(record: LotRecord, partition: number): NewRecord {
  const { record: embedded, ...rest } = { record: undefined, ...record };
  const of = embedded && { of: { ts: embedded.timestamp, key: embedded.key, headers: embedded.headers } };
  const line = Buffer.from(`${JSON.stringify({ v: LOT_VERSION, ...rest, ...of })}\n`, 'utf8');
  return {
    key: null,
    partition,
    headers: {},
    value: embedded ? Buffer.concat([line, embedded.value]) : line,
  };
}

/**
 * Undefined for what is no lot record at all: it is nobody's and changes nothing. A later version is refused (`later-release`): whoever cannot
 * read a lot must not act on it.
 */
export function decodeLotRecord(record: LogRecord): LotRecord | undefined {
  const { value } = record;
  const end = value.indexOf(NEWLINE);
  const line = parseLine(value, end);
  if (line === undefined) return undefined;
  assertKnownVersion(`lot record ${record.offset}`, line.v, LOT_VERSION);
  const embedded = line.of && {
    offset: line.event,
    timestamp: line.of.ts,
    key: line.of.key,
    headers: line.of.headers,
    value: ownBytes(value.subarray(end + 1)),
  };
  return toLotRecord(line, embedded);
}

function parseLine(value: Uint8Array, end: number): Line | undefined {
  try {
    const line: Line = JSON.parse(Buffer.from(value.buffer, value.byteOffset, end).toString('utf8'));
    return Number.isSafeInteger(line.v) ? line : undefined;
  } catch {
    return undefined;
  }
}

function toLotRecord(line: Line, record: LogRecord | undefined): LotRecord | undefined {
  const { claim, seq, event, generation, attempts, at, wait, error, reason, since, held, command } = line;
  switch (line.type) {
    case 'claim':
      return { type: 'claim', nonce: line.nonce, checkpoint: line.checkpoint };
    case 'command':
      return { type: 'command', verb: line.verb, event, generation, letter: line.letter, asOf: line.asOf, record };
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
        command,
        hold: line.hold,
        record,
      };
    case 'retry':
      return { type: 'retry', claim, seq, event, attempts, at, wait, since, error };
    case 'done':
      return { type: 'done', claim, seq, event };
    case 'dead':
      return { type: 'dead', claim, seq, event, generation, attempts, reason, since, held, error, command, record };
    case 'buried':
      return { type: 'buried', claim, seq, event, generation, held };
    case 'acked':
      return command === undefined ? undefined : { type: 'acked', claim, seq, command };
    default:
      return undefined;
  }
}
