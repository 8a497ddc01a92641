// Changes to how a parking log is read and a commit is made. What only a late owner meets (commits
// and trims under newer claims) is the model's: test/model.
import type { PartialPlan } from '../scenario/make-plan.ts';
import { type Mutation, one } from './mutation.ts';

const FOLD = 'worker/parking-log/fold-parking-log.ts';
const TAKE_OVER = 'worker/parking-log/take-over.ts';
const COMMIT = 'worker/parking-log/commit.ts';
const COMMITTED = 'worker/parking-log/committed-offsets.ts';

/** Owners die while events fail again and again. */
const DYING_OWNERS: PartialPlan = {
  limits: { events: 20, keys: 3, owners: 2, attempts: 5, spanMs: 60_000 },
  functions: { poison: [0, 1], poisonTimes: 1_000 },
  happenings: Array.from({ length: 15 }, (_, index) => ({
    at: 2_000 + index * 3_000,
    kind: 'kill',
    owner: index % 2,
    forMs: 500,
  })),
};

export const parkingLogMutations: readonly Mutation[] = [
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
    '{ ...known, attempts, at, wait, since: sinceOf(record), error, failed }',
    '{ ...known, at, wait, since: sinceOf(record), error, failed }',
    DYING_OWNERS,
  ),
  one(
    'skip-replay',
    'a new owner does not read the parking log',
    TAKE_OVER,
    'if (decoded) replay(state, seen, record.offset, decoded);',
    '',
  ),
  one(
    'skip-seen',
    'what the parking log speaks of is read from the source again',
    TAKE_OVER,
    "if (verdict === 'counts' && 'event' in record) seen.add(record.event);",
    '',
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
    'forget-holes',
    'all below the top counts as done',
    COMMIT,
    '    holes,\n    parkingLog:',
    '    holes: [],\n    parkingLog:',
  ),
  one(
    'top-beyond-told',
    'holes that did not fit into the commit count as done',
    COMMIT,
    'const top = holes[count] ?? commit.top;',
    'const top = commit.top;',
  ),
  one('told-says-done', 'holes count as done', COMMITTED, 'return holes[next] !== offset;', 'return true;'),
];
