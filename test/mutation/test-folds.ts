// Seeds of the folds' simulation as tests of mocha.
import { runFolds } from '../simulation/folds/run-folds.ts';
import { tryAll } from '../simulation/runner/seeds.ts';

/** One test for each of the counts. */
export function testFolds(from: number, counts: readonly number[]): void {
  let next = from;
  for (const count of counts) {
    const first = next;
    next += count;
    it(`the state is what the events say from seed ${first} on, ${count} times`, () =>
      tryAll(runFolds, { from: first, count }));
  }
}
