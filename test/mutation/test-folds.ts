// Seeds of the folds' simulation as tests of mocha.
import assert from 'node:assert/strict';
import { runFolds } from '../simulation/folds/run-folds.ts';
import { outsideMicrotasks } from '../simulation/kernel/drain.ts';

/** One test for each of the counts. */
export function testFolds(from: number, counts: readonly number[]): void {
  let next = from;
  for (const count of counts) {
    const first = next;
    next += count;
    it(`the state is what the events say from seed ${first} on, ${count} times`, async () => {
      for (let seed = first; seed < first + count; seed++) {
        const { wrong } = await outsideMicrotasks(() => runFolds(seed));
        assert.equal(wrong, undefined, `seed ${seed}`);
      }
    });
  }
}
