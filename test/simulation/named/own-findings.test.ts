// What the simulation has found in the dispatcher: the smallest plans that showed each,
// which must not come back.
import assert from 'node:assert/strict';
import { createDispatcherConsumer } from '../consumers/dispatcher.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { makePlan, type PartialPlan } from '../scenario/make-plan.ts';
import { runPlan } from '../scenario/run-plan.ts';

const findings: readonly [name: string, plan: PartialPlan][] = [
  [
    'a former owner commits its old position over a newer one, and nothing is published any more',
    {
      seed: 1847,
      limits: { events: 1, spanMs: 30_000 },
      happenings: [
        { at: 2_938, kind: 'pause', owner: 1, forMs: 20_000 },
        { at: 9_382, kind: 'pause', owner: 0, forMs: 20_000 },
      ],
    },
  ],
  [
    'a late commit of its own overwrites a newer one',
    { seed: 103, limits: { partitions: 2, events: 2, spanMs: 10_000 }, log: { commitLate: 0.1 } },
  ],
  [
    'an event waits for its time behind a parked one of its key',
    {
      seed: 1981,
      limits: { keys: 2, owners: 1, attempts: 4, delayMs: 3_000, events: 20, spanMs: 20_000 },
      functions: { poison: [1], poisonTimes: 1_000 },
    },
  ],
  [
    'a topic grows while its dispatchers start',
    {
      seed: 576,
      limits: { events: 1, spanMs: 2_000 },
      log: { slow: 0.3, slowMs: 15_000 },
      happenings: [{ at: 1_366, kind: 'grow', partitions: 4 }],
    },
  ],
  [
    'a redrive that was told to have failed comes after two others of its event',
    {
      seed: 76287,
      limits: { partitions: 3, attempts: 1, events: 8, spanMs: 10_000 },
      log: { appendLate: 0.05 },
      functions: { hangs: 0.3, flaky: 0.1, poison: [1], poisonTimes: 5 },
      happenings: [2_519, 4_422, 8_463].map(at => ({ at, kind: 'command', verb: 'redrive' })),
    },
  ],
  [
    'a story is told while the parking log is made anew, before what it said was read',
    {
      seed: 3933,
      limits: { partitions: 3, owners: 1, attempts: 1, parkingLogRecords: 1, events: 6, spanMs: 60_000 },
      functions: { poison: [2], poisonTimes: 2 },
      nudges: { pauseOnClaim: 0.1 },
    },
  ],
  [
    'events that are never answered are all that there is, and only their attempts are limited',
    {
      seed: 24694,
      limits: { events: 12, keys: 2, attempts: 3, initialMs: 1_000 },
      functions: { latencyMs: 500, poison: [0, 1], poisonTimes: 1_000_000, poisonDoubt: 'lost' },
    },
  ],
];

describe('findings of the simulation', () => {
  for (const [name, plan] of findings) {
    it(`holds when ${name}`, async () => {
      const consumer = createDispatcherConsumer();
      for (let seed = 0; seed < 20; seed++) {
        const shifted = makePlan({ ...plan, seed: (plan.seed ?? 0) + seed * 100_000 });
        const { error } = await outsideMicrotasks(() => runPlan(shifted, consumer));
        assert.equal(error, undefined, `seed ${shifted.seed}: ${error?.stack}`);
      }
    });
  }
});
