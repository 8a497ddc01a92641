// Some hundred seeds of the simulation as tests of mocha, as few as kill most: what the mutation tests run beside the unit tests.
import assert from 'node:assert/strict';
import { createConsumer } from '../simulation/consumers/all.ts';
import { collectRejections, runOnce } from '../simulation/runner/run-once.ts';
import { drawPlan } from '../simulation/scenario/draw-plan.ts';

/** Few first: most mutants are found by them. */
const SHARES = [5, 15, 30, 50, 100, 200];

const consumer = createConsumer('dispatcher');
const rejections = collectRejections();

describe('seeds of the simulation', () => {
  let from = 0;
  for (const count of SHARES) {
    const first = from;
    from += count;
    it(`from ${first}, ${count} of them`, async () => {
      for (let seed = first; seed < first + count; seed++) {
        const { error } = await runOnce(drawPlan(seed), consumer, rejections);
        assert.equal(error?.message, undefined, `seed ${seed}`);
      }
    });
  }
});
