// Seeds of the dispatchers' simulation as tests of mocha.
import assert from 'node:assert/strict';
import { createConsumer } from '../simulation/consumers/all.ts';
import { collectRejections, runOnce } from '../simulation/runner/run-once.ts';
import { drawPlan } from '../simulation/scenario/draw-plan.ts';

const consumer = createConsumer('dispatcher');
const rejections = collectRejections();

/** One test for each of the counts. */
export function testSeeds(from: number, counts: readonly number[]): void {
  let next = from;
  for (const count of counts) {
    const first = next;
    next += count;
    it(`nothing is wrong in the simulation from seed ${first} on, ${count} times`, async () => {
      for (let seed = first; seed < first + count; seed++) {
        const { error } = await runOnce(drawPlan(seed), consumer, rejections);
        assert.equal(error?.message, undefined, `seed ${seed}`);
      }
    });
  }
}
