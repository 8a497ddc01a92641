// Folds in the simulation: whatever fails, repeats and overlaps, in the end the state is what the events say.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { type Mutation, runFolds } from './run-folds.ts';

const SEEDS = 60;

async function wrongSeeds(mutation: Mutation): Promise<number> {
  let wrong = 0;
  for (let seed = 0; seed < 30; seed++) {
    if ((await outsideMicrotasks(() => runFolds(seed, mutation))).wrong !== undefined) wrong++;
  }
  return wrong;
}

describe('simulation of folds', () => {
  it('ends with the state that the events say, whatever fails, repeats and overlaps', async () => {
    const sights = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runFolds(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}`);
      for (const sight of run.sights) sights.add(sight);
    }
    for (const sight of ['kill', 'pause', 'fail over', 'replicate', 'superseded', 'trouble'])
      assert.ok(sights.has(sight), `never seen: ${sight}`);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
  });

  it('runs the same for the same seed', async () => {
    const [one, other] = [await outsideMicrotasks(() => runFolds(3)), await outsideMicrotasks(() => runFolds(3))];
    assert.equal(one.trace, other.trace);
  });

  it('finds a store that writes whatever the position is', async () => {
    assert.ok((await wrongSeeds({ unfenced: true })) > 0);
  });

  it('finds a fold that forgets what it has seen', async () => {
    assert.ok((await wrongSeeds({ forgetful: true })) > 0);
  });
});
