// Each plan that is there for a rare state leads to it, from whichever seed; and whatever a sweep
// demands, that is seen too seldom in drawn plans, has such a plan.
import assert from 'node:assert/strict';
import { createDispatcherConsumer } from '../consumers/dispatcher.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { missingSights } from '../model/sights.ts';
import { sweep } from '../runner/sweep.ts';
import { makePlan } from '../scenario/make-plan.ts';
import { RARE_PLANS } from '../scenario/rare-plans.ts';
import { runPlan } from '../scenario/run-plan.ts';

const SEEDS = 20;

describe('plans for rare states', () => {
  for (const { sight, plan } of RARE_PLANS) {
    it(`see ${sight}, and nothing is wrong`, async () => {
      const consumer = createDispatcherConsumer();
      let seen = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        const { error, sights } = await outsideMicrotasks(() => runPlan(makePlan({ ...plan, seed }), consumer));
        assert.equal(error, undefined, `seed ${seed}: ${error?.stack}`);
        if (sights.has(sight)) seen++;
      }
      assert.ok(seen >= SEEDS * 0.9, `${seen} of ${SEEDS} seeds`);
    });
  }

  it('are part of each sweep, however few seeds it has', async () => {
    const { sights, failures, runs } = await sweep({
      consumer: 'dispatcher',
      from: 700_000,
      count: 1,
      jobs: 1,
      goOn: false,
      progress() {},
    });
    assert.deepEqual(failures, []);
    assert.ok(runs > RARE_PLANS.length);
    for (const { sight } of RARE_PLANS) {
      assert.ok(sights.has(sight), sight);
      assert.deepEqual(missingSights(new Map(), 5_000).includes(sight), true, `${sight} is not demanded`);
    }
  });
});
