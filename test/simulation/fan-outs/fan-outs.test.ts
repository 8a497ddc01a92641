// Fan-outs in the simulation: every job ends once for each time it is taken up, with its items counted right and all of them gathered, whatever dies.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { runFanOuts } from './run-fan-outs.ts';

const SEEDS = 300;
const SIGHTS = [
  'trouble',
  'superseded',
  'the store forgets',
  'the store forgets why a task was made',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'failed is redriven in trouble',
  'expired is redriven in trouble',
];

describe('simulation of fan-outs', () => {
  it('ends every job once, with its items counted right and gathered, whatever fails, repeats and overlaps', async () => {
    const sights = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runFanOuts(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}`);
      for (const sight of run.sights) sights.add(sight);
    }
    for (const sight of SIGHTS) assert.ok(sights.has(sight), `never seen: ${sight}`);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
    assert.ok(!sights.has('refused'), 'nothing was refused');
  });

  it('runs the same for the same seed', async () => {
    const [one, other] = [await outsideMicrotasks(() => runFanOuts(5)), await outsideMicrotasks(() => runFanOuts(5))];
    assert.equal(one.trace, other.trace);
  });

  it('finds a store that writes whatever the position is', async () => {
    let wrong = 0;
    for (let seed = 0; seed < 100; seed++) {
      if ((await outsideMicrotasks(() => runFanOuts(seed, true))).wrong !== undefined) wrong++;
    }
    assert.ok(wrong > 0);
  });
});
