// What an owner may commit, from all that it knows: never more than it has itself seen done, never less than its predecessors told. Pure.
import type { Commit } from './commit.ts';
import { type LotState, lotWatermark } from './fold-lot.ts';

export interface OwnersKnowledge {
  /** What the owner began with. */
  readonly begun: Commit;
  /** Where it has read the source up to. */
  readonly read: number;
  /** What of that is not done, ascending. */
  readonly open: readonly number[];
  /** Source offsets it has not read yet, of which the replayed lot spoke: they are done. */
  readonly seen: ReadonlySet<number>;
  readonly state: LotState;
  /** Where it has read the lot up to. */
  readonly lotRead: number;
  readonly claim: number;
}

export function gatherCommit({ begun, read, open, seen, state, lotRead, claim }: OwnersKnowledge): Commit {
  const toldAhead = read < begun.top;
  const top = toldAhead ? begun.top : read;
  const holes = toldAhead ? [...open, ...begun.holes.filter(offset => offset >= read && !seen.has(offset))] : open;
  // What the lot said of events that this owner has yet to read from the source, the next one must hear, too.
  const lot = seen.size > 0 ? begun.lot : lotWatermark(state, lotRead);
  return { position: holes[0] ?? top, top, holes, lot, by: claim };
}

/** Done is what either of two says is done. */
export function mergeDone(commit: Commit, other: Pick<Commit, 'position' | 'top' | 'holes'>): Commit {
  const [longer, shorter] = commit.top >= other.top ? [commit, other] : [other, commit];
  const inBoth = new Set(shorter.holes);
  const holes = longer.holes.filter(offset => offset >= shorter.top || inBoth.has(offset));
  return { ...commit, position: holes[0] ?? longer.top, top: longer.top, holes };
}
