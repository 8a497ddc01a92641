// Plans that lead to rare states, which drawn plans may miss: every sweep runs them too, so that it
// sees those states whichever seeds it has.
import type { PartialPlan } from './make-plan.ts';
import type { Verb } from './person.ts';
import type { Happening } from './plan.ts';

export interface RarePlan {
  /** What nearly every seed of the plan sees. */
  readonly sight: string;
  readonly plan: PartialPlan;
}

const times = (everyMs: number, count: number) => Array.from({ length: count }, (_, index) => 2_000 + index * everyMs);
const rebalances = (count: number): readonly Happening[] => times(3_000, count).map(at => ({ at, kind: 'rebalance' }));
const commands = (everyMs: number, count: number, verbs: readonly [Verb, ...Verb[]]): readonly Happening[] =>
  times(everyMs, count).map((at, index) => ({ at, kind: 'command', verb: verbs[index % verbs.length] ?? verbs[0] }));

/** A partition has its next owner at once, and its former one learns of that late. */
const OVERLAP = { overlap: 1, shuffle: 1, zombieMs: 30_000 };

/** A person orders parked events all the while, while partitions move. */
export const ORDERED: PartialPlan = {
  limits: { events: 60, keys: 5, partitions: 2, owners: 2, attempts: 4, initialMs: 5_000, spanMs: 60_000 },
  log: { slow: 0.1, slowMs: 500 },
  functions: { latencyMs: 500, poison: [0, 1, 2], poisonTimes: 3 },
  happenings: [...commands(300, 180, ['retry', 'give-up', 'retry']), ...rebalances(8)].sort(
    (one, other) => one.at - other.at,
  ),
};

export const RARE_PLANS: readonly RarePlan[] = [
  {
    sight: 'an owner stops: its claim has been trimmed away by a newer owner',
    // It has read the commit already, and the parking log comes late: meanwhile the
    // next owner shortens that.
    plan: {
      limits: { events: 40, partitions: 4, owners: 3, parkingLogRecords: 1, spanMs: 50_000 },
      log: OVERLAP,
      functions: { flaky: 0.5 },
      nudges: { slowReplay: 0.3, forMs: 20_000 },
      happenings: rebalances(15),
    },
  },
  {
    sight: 'an owner stops: a commit was made under the newer claim n',
    // It stops between its claim and the question for the commit, until the
    // next owner has committed.
    plan: {
      limits: { events: 80, partitions: 3, owners: 3, spanMs: 60_000 },
      log: OVERLAP,
      functions: { flaky: 0.5 },
      nudges: { pauseOnClaim: 0.3, forMs: 11_000 },
      happenings: rebalances(20),
    },
  },
  {
    sight: 'a held event redriven before one that waits for room',
    // What is held is in the parking log already, and needs no room there.
    plan: {
      limits: { events: 20, keys: 5, owners: 1, attempts: 1, onExhausted: 'hold', parkedKeys: 2, spanMs: 30_000 },
      functions: { poison: [0, 1, 2], poisonTimes: 1_000 },
      happenings: commands(1_400, 20, ['redrive', 'skip', 'redrive']),
    },
  },
  {
    sight: 'a acked of a former owner',
    plan: {
      limits: { events: 30, partitions: 3, owners: 3, attempts: 1, spanMs: 60_000 },
      log: { ...OVERLAP, zombieMs: 20_000, slow: 0.3, slowMs: 3_000 },
      functions: { flaky: 0.5 },
      happenings: [...commands(500, 100, ['redrive', 'skip', 'purge', 'cancel']), ...rebalances(18)].sort(
        (one, other) => one.at - other.at,
      ),
    },
  },
  { sight: 'an order to retry: not-first', plan: ORDERED },
  { sight: 'an order to retry: running', plan: ORDERED },
  { sight: 'an order to give-up: done', plan: ORDERED },
];
