// Decides what an owner may commit from all that it knows: never more than it has seen done itself,
// never less than its predecessors said. Pure.
import type { Commit } from './commit.ts';
import { type ParkingLogState, parkingLogWatermark } from './fold-parking-log.ts';

export interface OwnersKnowledge {
  /** The commit that the owner began with. */
  readonly begun: Commit;
  /** The offset up to which the owner has read the source. */
  readonly read: number;
  /** The offsets below `read` that are not done, ascending. */
  readonly open: readonly number[];
  /**
   * Source offsets that the owner has not read yet, of which the replayed parking log spoke: they
   * are done.
   */
  readonly seen: ReadonlySet<number>;
  readonly state: ParkingLogState;
  /** The offset up to which the owner has read the parking log. */
  readonly parkingLogRead: number;
  readonly claim: number;
}

export function gatherCommit({ begun, read, open, seen, state, parkingLogRead, claim }: OwnersKnowledge): Commit {
  const toldAhead = read < begun.top;
  const top = toldAhead ? begun.top : read;
  const holes = toldAhead ? [...open, ...begun.holes.filter(offset => offset >= read && !seen.has(offset))] : open;
  // The parking log speaks of events that this owner has yet to read from the source. The next
  // owner must read that, too.
  const parkingLog = seen.size > 0 ? begun.parkingLog : parkingLogWatermark(state, parkingLogRead);
  return { position: holes[0] ?? top, top, holes, parkingLog, by: claim };
}

/** An offset is done when either of the two says so. */
export function mergeDone(commit: Commit, other: Pick<Commit, 'position' | 'top' | 'holes'>): Commit {
  const [longer, shorter] = commit.top >= other.top ? [commit, other] : [other, commit];
  const inBoth = new Set(shorter.holes);
  const holes = longer.holes.filter(offset => offset >= shorter.top || inBoth.has(offset));
  return { ...commit, position: holes[0] ?? longer.top, top: longer.top, holes };
}
