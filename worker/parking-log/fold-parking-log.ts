// Folds a parking log record by record: which claim is in force, which events are parked, held or
// given up, which commands are open. Pure.

import type { Failure } from '../../core/failure.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { FailureReason } from '../dispatch/failed-attempt.ts';
import type { DeathReason } from '../dispatch/settings.ts';
import type { Command, OwnersRecord, Park, ParkingLogRecord, Signed } from './parking-log-record.ts';

/** A place in the parking log, with the values that judging the records from there on needs. */
export interface Mark {
  readonly offset: number;
  /** The claim in force there; -1 before the first one. */
  readonly claim: number;
  /** The sequence number that the next record under this claim must have. */
  readonly seq: number;
}

export const PARKING_LOG_START: Mark = { offset: 0, claim: -1, seq: 1 };

/** An event that the parking log is responsible for. */
export interface ParkingLogEntry {
  readonly event: number;
  readonly generation: number;
  /** `parked` waits for an attempt, `held` for a person, `dead` for its dead letter. */
  readonly state: 'parked' | 'held' | 'dead';
  readonly attempts: number;
  readonly at: number;
  readonly wait: number;
  /** Time of its first failure by itself, by the log's clock; undefined: not yet. */
  readonly since: number | undefined;
  readonly error: Failure | undefined;
  /** How the newest attempt at a parked event failed, as far as known. */
  readonly failed: FailureReason | undefined;
  /** The reason and time of giving it up; undefined while parked. */
  readonly death: { readonly reason: DeathReason; readonly since: number } | undefined;
  /** The dead letter of a held event has been confirmed. */
  readonly deadLettered: boolean;
  readonly record: LogRecord;
  /** The place of its bytes. */
  readonly mark: Mark;
}

export interface OpenCommand {
  readonly command: Command;
  /** Its effect on the event is in the parking log; others remain to be told. */
  readonly acted: boolean;
  readonly mark: Mark;
}

/** Changed in place by `foldRecord`. */
export interface ParkingLogState {
  claim: number;
  seq: number;
  /** By source offset. */
  readonly entries: Map<number, ParkingLogEntry>;
  /** By offset in the parking log. */
  readonly commands: Map<number, OpenCommand>;
}

/**
 * `void`: written by a former owner. `repeat`: counted before, or out of turn and about to be
 * written again.
 */
export type RecordVerdict = 'claim' | 'command' | 'counts' | 'void' | 'repeat';

export function createParkingLogState(mark: Mark): ParkingLogState {
  return { claim: mark.claim, seq: mark.seq, entries: new Map(), commands: new Map() };
}

/**
 * A record counts only if the last claim before it is its writer's, and only in the order in which
 * it was written. A writer that does not know whether an append arrived writes all of it again, so
 * any part of it may be there already.
 */
export function judgeRecord(
  state: { readonly claim: number; readonly seq: number },
  record: ParkingLogRecord,
): RecordVerdict {
  if (record.type === 'claim' || record.type === 'command') return record.type;
  if (record.claim !== state.claim) return 'void';
  return record.seq === state.seq ? 'counts' : 'repeat';
}

export function foldRecord(state: ParkingLogState, offset: number, record: ParkingLogRecord): RecordVerdict {
  const verdict = judgeRecord(state, record);
  if (record.type === 'claim') {
    state.claim = offset;
    state.seq = 1;
  } else if (record.type === 'command') {
    const mark = { offset, claim: state.claim, seq: state.seq };
    state.commands.set(offset, { command: record, acted: false, mark });
  } else if (verdict === 'counts') {
    state.seq = record.seq + 1;
    apply(state, offset, record);
  }
  return verdict;
}

function apply(state: ParkingLogState, offset: number, record: OwnersRecord & Signed): void {
  if (record.type === 'acked') {
    state.commands.delete(record.command);
    return;
  }
  const mark = { offset, claim: record.claim, seq: record.seq };
  const known = state.entries.get(record.event);
  // Also where the park of its event lies before the watermark.
  if ('command' in record) markActed(state, record.command);
  if (record.type === 'park') {
    state.entries.set(record.event, entryOfPark(record, mark));
  } else if (record.type === 'dead') {
    const bytes = record.record ? { record: record.record, mark } : known;
    // Its park lies before the watermark; the record of its dead letter comes further on.
    if (bytes === undefined) return;
    const { event, generation, attempts, error, reason, since } = record;
    state.entries.set(event, {
      event,
      generation,
      state: record.held ? 'held' : 'dead',
      attempts,
      at: 0,
      wait: 0,
      since: undefined,
      error,
      failed: undefined,
      death: { reason, since },
      deadLettered: false,
      record: bytes.record,
      mark: bytes.mark,
    });
  } else if (known === undefined) {
    return;
  } else if (record.type === 'retry') {
    const { attempts, at, wait, error, failed } = record;
    state.entries.set(record.event, { ...known, attempts, at, wait, since: sinceOf(record), error, failed });
  } else if (record.type === 'done') {
    state.entries.delete(record.event);
  } else if (record.generation === known.generation) {
    if (known.state === 'dead' && !record.held) state.entries.delete(record.event);
    if (known.state === 'held' && record.held) state.entries.set(record.event, { ...known, deadLettered: true });
  }
}

function entryOfPark(park: OwnersRecord & { type: 'park' }, mark: Mark): ParkingLogEntry {
  const { event, generation, attempts, at, wait, error, failed, hold, record } = park;
  return {
    event,
    generation,
    state: hold ? 'held' : 'parked',
    attempts,
    at,
    wait,
    // A held event has no budget that runs out.
    since: hold ? undefined : sinceOf(park),
    error,
    failed,
    death: hold && { reason: hold.reason, since: hold.since },
    deadLettered: hold?.deadLettered ?? false,
    record,
    mark,
  };
}

/**
 * An earlier release wrote how often it had failed, and not since when: then the last time counts.
 */
function sinceOf({ attempts, at, wait, since }: Pick<Park, 'attempts' | 'at' | 'wait' | 'since'>): number | undefined {
  return since ?? (attempts > 0 ? at - wait : undefined);
}

/** The record that says all of an entry to a reader that knows nothing of it. */
export function toRecord(entry: ParkingLogEntry): OwnersRecord {
  const { event, generation, state, attempts, at, wait, since, error, failed, death, deadLettered, record } = entry;
  if (state === 'dead' && death)
    return { type: 'dead', event, generation, attempts, ...death, held: false, error, record };
  const hold = death && { ...death, deadLettered };
  return { type: 'park', event, generation, attempts, at, wait, since, error, failed, hold, record };
}

function markActed(state: ParkingLogState, command: number | undefined): void {
  if (command === undefined) return;
  const open = state.commands.get(command);
  if (open) state.commands.set(command, { ...open, acted: true });
}

/**
 * The offset below which the parking log is not needed any more: the first open entry or command,
 * or the end of reading.
 */
export function parkingLogWatermark(state: ParkingLogState, read: number): Mark {
  let first: Mark = { offset: read, claim: state.claim, seq: state.seq };
  for (const { mark } of state.entries.values()) if (mark.offset < first.offset) first = mark;
  for (const { mark } of state.commands.values()) if (mark.offset < first.offset) first = mark;
  return first;
}
