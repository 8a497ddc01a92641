// The beginning of an owner: claim the partition, read the commit, replay the parking log up to the
// claim. No event is attempted before that is done.

import { isRecreated } from '../../drivers/event-log/epochs.ts';
import type { EventLog, LogRecord, OwnedPartition, Reader } from '../../drivers/event-log/event-log.ts';
import { type Commit, parseCommit } from './commit.ts';
import { createParkingLogState, foldRecord, PARKING_LOG_START, type ParkingLogState } from './fold-parking-log.ts';
import { mergeDone } from './gather-commit.ts';
import { decodeParkingLogRecord, encodeParkingLogRecord } from './parking-log-codec.ts';
import type { ParkingLogRecord } from './parking-log-record.ts';

export interface TakenOver {
  readonly claim: number;
  /** The log's time of the claim, milliseconds since 1970. */
  readonly claimedAt: number;
  readonly commit: Commit;
  readonly state: ParkingLogState;
  /**
   * Source offsets of which the replayed part of the parking log speaks: they are done, whether the
   * commit says so or not.
   */
  readonly seen: Set<number>;
  /** A reader that goes on behind the claim. */
  readonly reader: Reader;
  /** Records behind the claim that have been read already. */
  readonly rest: readonly LogRecord[];
  /** The offset up to which the parking log has been read, with the records in `rest`. */
  readonly next: number;
  /**
   * The parking log was deleted since the commit was made, with all that waited in it, and made
   * again.
   */
  readonly isParkingLogLost: boolean;
}

/** Too late: a newer owner has been here. */
export interface Superseded {
  readonly superseded: string;
}

const LIMITS = { maxRecords: 2000, maxBytes: 8 * 1024 * 1024 };

export async function takeOver(
  log: EventLog,
  parkingLogTopic: string,
  partition: OwnedPartition,
  nonce: string,
  signal: AbortSignal,
): Promise<TakenOver | Superseded> {
  const claimRecord: ParkingLogRecord = { type: 'claim', nonce };
  const [at] = await log.append(parkingLogTopic, [encodeParkingLogRecord(claimRecord, partition.partition)]);
  const claim = at?.offset ?? -1;
  signal.throwIfAborted();
  let commit = checkParkingLog(
    parseCommit(await partition.committed()),
    (await log.bounds(parkingLogTopic))?.[partition.partition]?.end,
  );
  signal.throwIfAborted();
  const late = tooLate(commit, claim);
  if (late) return late;
  let state = createParkingLogState(commit.parkingLog);
  let read = commit.parkingLog.offset;
  let isParkingLogLost = false;
  const seen = new Set<number>();
  const reader = partition.open(parkingLogTopic, Math.min(commit.parkingLog.offset, claim));
  for (;;) {
    const { records, next, bounds } = await reader.next(LIMITS, signal);
    // The next record shows how much was trimmed away.
    if (records.length === 0) continue;
    if (bounds.start > claim) return { superseded: 'its claim has been trimmed away by a newer owner' };
    const isTrimmed = isRestart(read, bounds.start);
    if (isTrimmed) {
      isParkingLogLost ||= commit.by >= 0 && isRecreated(read, bounds.start);
      const [first] = records;
      commit = restart(commit, bounds.start, first && decodeParkingLogRecord(first));
      state = createParkingLogState(commit.parkingLog);
    }
    read = next;
    for (const [index, record] of records.entries()) {
      const decoded = decodeParkingLogRecord(record);
      if (record.offset < claim) {
        if (decoded) replay(state, seen, record.offset, decoded);
        continue;
      }
      if (record.offset > claim || decoded?.type !== 'claim' || decoded.nonce !== nonce) {
        return { superseded: `its claim is not in the parking log at ${claim}` };
      }
      foldRecord(state, claim, decoded);
      return {
        claim,
        claimedAt: record.timestamp,
        commit,
        state,
        seen,
        reader,
        rest: records.slice(index + 1),
        next,
        isParkingLogLost,
      };
    }
  }
}

function replay(state: ParkingLogState, seen: Set<number>, offset: number, record: ParkingLogRecord): void {
  const verdict = foldRecord(state, offset, record);
  // Parks alone are not enough: where one was trimmed away, its later records may still be there.
  if (verdict === 'counts' && 'event' in record) seen.add(record.event);
}

/**
 * Whether the parking log was trimmed before or while it was read. Then the reader must begin
 * again: the records that ended entries may be gone, and all that is open lies behind the new
 * start, where a claim is.
 */
export function isRestart(read: number, start: number): boolean {
  return start > read;
}

/**
 * A commit from before the parking log was trimmed knows less than the checkpoint at its start
 * does; perhaps not in everything.
 */
export function restart(commit: Commit, start: number, first: ParkingLogRecord | undefined): Commit {
  const parkingLog = { ...PARKING_LOG_START, offset: start };
  const checkpoint = first?.type === 'claim' ? first.checkpoint : undefined;
  return checkpoint ? mergeDone({ ...commit, parkingLog }, checkpoint) : { ...commit, parkingLog };
}

/** A commit under a newer claim: its maker knows of records that this owner would not see. */
export function tooLate(commit: Commit, claim: number): Superseded | undefined {
  return commit.by > claim ? { superseded: `a commit was made under the newer claim ${commit.by}` } : undefined;
}

/**
 * A commit with offsets that the parking log does not have is about another parking log of that
 * name, deleted since.
 */
export function checkParkingLog(commit: Commit, end: number | undefined): Commit {
  return end !== undefined && (commit.by >= end || commit.parkingLog.offset > end)
    ? { ...commit, parkingLog: PARKING_LOG_START, by: -1 }
    : commit;
}
