// Bugs that others had in the same place, and the void park that the claims are for: each a plan
// that leads there, which must hold.
import assert from 'node:assert/strict';
import { createDispatcherConsumer } from '../consumers/dispatcher.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { makePlan, type PartialPlan } from '../scenario/make-plan.ts';
import type { Happening } from '../scenario/plan.ts';
import { runPlan } from '../scenario/run-plan.ts';
import { VOID_PARK } from '../scenario/void-park.ts';

const SEEDS = 30;
const times = [4_000, 8_000, 12_000, 16_000];
const rebalances: Happening[] = times.map(at => ({ at, kind: 'rebalance' }));
const pauses: Happening[] = times.map((at, index) => ({ at, kind: 'pause', owner: index % 2, forMs: 8_000 }));
const stops: Happening[] = times.map((at, index) => ({ at, kind: 'stop', owner: index % 2, forMs: 1_000 }));

const bugs: readonly [name: string, sight: string | undefined, plan: PartialPlan][] = [
  [
    'void park: a superseded owner parks, marks done and commits; the new owner dies',
    'a park of a former owner',
    VOID_PARK,
  ],
  [
    'parallel-consumer #826: events under way are lost when a consumer closes or is revoked',
    'two owners deliver the same event at once',
    {
      limits: { events: 30, partitions: 2 },
      log: { shuffle: 1, overlap: 1, zombieMs: 5_000 },
      functions: { slow: 0.5 },
      happenings: [...stops, ...rebalances],
    },
  ],
  [
    'parallel-consumer #647: what is done does not fit into the metadata of a commit',
    'metadata nearly full',
    {
      limits: { events: 60, keys: 30, metadataBytes: 60 },
      functions: { latencyMs: 2_000, slow: 0.5 },
      nudges: { killOnCommit: 0.1, forMs: 1_000 },
    },
  ],
  [
    'parallel-consumer #832: what is to be retried grows without bounds',
    'an event parked behind another',
    { limits: { events: 60, keys: 6, parkedKeys: 2, parkedBytes: 3_000 }, functions: { flaky: 0.7 } },
  ],
  [
    'parallel-consumer #534: events of one key out of order under load',
    'an event parked behind another',
    { limits: { events: 100, keys: 2, spanMs: 5_000, batch: 3 }, functions: { flaky: 0.2, latencyMs: 100 } },
  ],
  [
    'bull #308: a job that takes long is taken by a second worker while the first still has it',
    'two owners deliver the same event at once',
    {
      limits: { events: 30 },
      log: { overlap: 1, zombieMs: 10_000 },
      functions: { slow: 0.7, deadlineMs: 10_000 },
      happenings: [...pauses, ...rebalances],
    },
  ],
  [
    'kafkajs #1046: a member commits a partition that it no longer owns',
    'a commit by a former owner',
    { limits: { events: 30 }, log: { overlap: 1, zombieMs: 10_000, shuffle: 1 }, happenings: rebalances },
  ],
  [
    'eventing-kafka-broker #3746: positions move past events whose delivery has not ended',
    undefined,
    {
      limits: { events: 40, partitions: 2 },
      functions: { slow: 0.5, hangs: 0.2 },
      nudges: { killOnCommit: 0.2, forMs: 500 },
    },
  ],
];

describe('known bugs', () => {
  for (const [name, sight, plan] of bugs) {
    it(name, async () => {
      const consumer = createDispatcherConsumer();
      let seen = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        const { error, sights } = await outsideMicrotasks(() => runPlan(makePlan({ ...plan, seed }), consumer));
        assert.equal(error, undefined, `seed ${seed}: ${error?.stack}`);
        if (sight === undefined || sights.has(sight)) seen++;
      }
      assert.ok(seen > 0, `no seed came upon: ${sight}`);
    });
  }
});
