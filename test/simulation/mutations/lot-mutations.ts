// Changes to how a lot is read and a commit is made.
import type { PartialPlan } from '../scenario/make-plan.ts';
import { type Mutation, one } from './mutation.ts';

const FOLD = 'worker/lot/fold-lot.ts';
const TAKE_OVER = 'worker/lot/take-over.ts';
const COMMIT = 'worker/lot/commit.ts';
const TOLD = 'worker/lot/told.ts';

/** Late owners: paused right after their claim, and half blind when they come back. */
const LATE_OWNERS: PartialPlan = {
  limits: {
    owners: 3,
    keys: 2,
    events: 30,
    spanMs: 60_000,
    attempts: 4,
    initialMs: 5_000,
    readRecords: 1,
    lotRecords: 1,
  },
  log: { readStale: 0.9, latencyMs: 50, shuffle: 1, overlap: 0.5, zombieMs: 2_000 },
  functions: { flaky: 0.3, poison: [1], poisonTimes: 3 },
  nudges: { pauseOnClaim: 0.4, forMs: 10_000 },
  happenings: [10_000, 20_000, 30_000, 40_000, 50_000].map(at => ({ at, kind: 'rebalance' })),
};

export const lotMutations: readonly Mutation[] = [
  one('ignore-claims', 'records of former owners count', FOLD, "if (record.claim !== state.claim) return 'void';", ''),
  one(
    'ignore-sequence',
    'a record counts each time it arrives',
    FOLD,
    "return record.seq === state.seq ? 'counts' : 'repeat';",
    "return 'counts';",
  ),
  one(
    'watermark-past-open-park',
    'a new owner does not find what is parked',
    FOLD,
    'for (const { mark } of state.entries.values()) if (mark.offset < first.offset) first = mark;',
    '',
  ),
  one(
    'forget-attempts',
    'attempts at parked events are not remembered',
    FOLD,
    'state.entries.set(record.event, { ...known, attempts, at, wait, error });',
    'state.entries.set(record.event, { ...known, at, wait, error });',
  ),
  one(
    'trust-newer-commit',
    'a late owner goes on with a commit of a newer one',
    TAKE_OVER,
    'if (late) return late;',
    '',
    LATE_OWNERS,
  ),
  one(
    'skip-replay',
    'a new owner does not read the lot',
    TAKE_OVER,
    'if (decoded) replay(state, seen, record.offset, decoded);',
    '',
  ),
  one(
    'skip-seen',
    'what the lot speaks of is read from the source again',
    TAKE_OVER,
    "if (verdict === 'counts' && 'event' in record) seen.add(record.event);",
    '',
  ),
  one(
    'own-claim-trimmed',
    'an owner goes on whose claim was trimmed away',
    TAKE_OVER,
    "if (bounds.start > claim) return { superseded: 'its claim has been trimmed away by a newer owner' };",
    'if (bounds.start > claim) return { claim, claimedAt: 0, commit, state, seen, reader, rest: records, next };',
    LATE_OWNERS,
  ),
  one(
    'no-claim-at-watermark',
    'the first records behind the watermark are judged wrongly',
    COMMIT,
    'claim: Number(claim)',
    'claim: -1',
  ),
  one(
    'no-sequence-at-watermark',
    'the first records behind the watermark are taken for repeats',
    COMMIT,
    'seq: Number(seq) }',
    'seq: 1 }',
  ),
  one(
    'one-claim-in-commit',
    'a late owner cannot tell that a commit is newer',
    COMMIT,
    'by: Number(by)',
    'by: Number(claim)',
    LATE_OWNERS,
  ),
  one('forget-holes', 'all below the top counts as done', COMMIT, '    holes,\n    lot:', '    holes: [],\n    lot:'),
  one(
    'top-beyond-told',
    'holes that did not fit into the commit count as done',
    COMMIT,
    'const top = count < holes.length ? (holes[count] ?? commit.top) : commit.top;',
    'const top = commit.top;',
  ),
  one('told-says-done', 'holes count as done', TOLD, 'return holes[next] !== offset;', 'return true;'),
];
