// How an owner begins: claim the partition, read the commit, replay the lot up to the claim. Nothing is attempted before that is done.

import { isRecreated } from '../../drivers/event-log/epochs.ts';
import type { EventLog, LogRecord, OwnedPartition, Reader } from '../../drivers/event-log/event-log.ts';
import { type Commit, parseCommit } from './commit.ts';
import { createLotState, foldRecord, LOT_START, type LotState } from './fold-lot.ts';
import { mergeDone } from './gather-commit.ts';
import { decodeLotRecord, encodeLotRecord } from './lot-codec.ts';
import type { LotRecord } from './lot-record.ts';

export interface TakenOver {
  readonly claim: number;
  /** When the log says the claim was appended, milliseconds since 1970. */
  readonly claimedAt: number;
  readonly commit: Commit;
  readonly state: LotState;
  /** Source offsets that the replayed part of the lot speaks of: they are done, whether the commit says so or not. */
  readonly seen: Set<number>;
  /** Goes on behind the claim. */
  readonly reader: Reader;
  /** Read already, behind the claim. */
  readonly rest: readonly LogRecord[];
  /** Where the lot has been read up to: `rest` included. */
  readonly next: number;
  /** The lot was deleted since the commit was made, with whatever waited in it, and made again. */
  readonly isLotLost: boolean;
}

/** Too late: somebody newer has been here. */
export interface Superseded {
  readonly superseded: string;
}

const LIMITS = { maxRecords: 2000, maxBytes: 8 * 1024 * 1024 };

export async function takeOver(
  log: EventLog,
  lotTopic: string,
  partition: OwnedPartition,
  nonce: string,
  signal: AbortSignal,
): Promise<TakenOver | Superseded> {
  const claimRecord: LotRecord = { type: 'claim', nonce };
  const [at] = await log.append(lotTopic, [encodeLotRecord(claimRecord, partition.partition)]);
  const claim = at?.offset ?? -1;
  signal.throwIfAborted();
  let commit = checkLot(
    parseCommit(await partition.committed()),
    (await log.bounds(lotTopic))?.[partition.partition]?.end,
  );
  signal.throwIfAborted();
  const late = tooLate(commit, claim);
  if (late) return late;
  let state = createLotState(commit.lot);
  let read = commit.lot.offset;
  let isLotLost = false;
  const seen = new Set<number>();
  const reader = partition.open(lotTopic, Math.min(commit.lot.offset, claim));
  for (;;) {
    const { records, next, bounds } = await reader.next(LIMITS, signal);
    if (bounds.start > claim) return { superseded: 'its claim has been trimmed away by a newer owner' };
    const isTrimmed = isRestart(read, bounds.start);
    if (isTrimmed) {
      isLotLost ||= commit.by >= 0 && isRecreated(read, bounds.start);
      const [first] = records;
      commit = restart(commit, bounds.start, first && decodeLotRecord(first));
      state = createLotState(commit.lot);
    }
    read = next;
    for (const [index, record] of records.entries()) {
      const decoded = decodeLotRecord(record);
      if (record.offset < claim) {
        if (decoded) replay(state, seen, record.offset, decoded);
        continue;
      }
      if (record.offset > claim || decoded?.type !== 'claim' || decoded.nonce !== nonce) {
        return { superseded: `its claim is not in the lot at ${claim}` };
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
        isLotLost,
      };
    }
  }
}

function replay(state: LotState, seen: Set<number>, offset: number, record: LotRecord): void {
  const verdict = foldRecord(state, offset, record);
  // Not parks alone: where one was trimmed away, what became of it may still be there.
  if (verdict === 'counts' && 'event' in record) seen.add(record.event);
}

/**
 * Whether the lot was trimmed before or while it was read: then what was read so far may have ended in what is gone, and all that is open lies behind
 * the start, where a claim is.
 */
export function isRestart(read: number, start: number): boolean {
  return start > read;
}

/** A commit from before the lot was trimmed knows less than the checkpoint at the lot's start does; perhaps not in everything. */
export function restart(commit: Commit, start: number, first: LotRecord | undefined): Commit {
  const lot = { ...LOT_START, offset: start };
  const checkpoint = first?.type === 'claim' ? first.checkpoint : undefined;
  return checkpoint ? mergeDone({ ...commit, lot }, checkpoint) : { ...commit, lot };
}

/** A commit under a newer claim: its maker knows of records that this owner would not see. */
export function tooLate(commit: Commit, claim: number): Superseded | undefined {
  return commit.by > claim ? { superseded: `a commit was made under the newer claim ${commit.by}` } : undefined;
}

/** A commit that speaks of offsets which the lot does not have is about another lot of that name, deleted since. */
function checkLot(commit: Commit, end: number | undefined): Commit {
  return end !== undefined && (commit.by >= end || commit.lot.offset > end)
    ? { ...commit, lot: LOT_START, by: -1 }
    : commit;
}
