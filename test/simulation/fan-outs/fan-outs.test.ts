// Fan-outs in the simulation: every job ends once for each time it is taken up, with its items
// counted right and all of them gathered, whatever dies, and its story is what a model says of it.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { addCompared, NONE_COMPARED, tooFewCompared } from '../stories/compared.ts';
import { runFanOuts } from './run-fan-outs.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 40);
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
  'a story: queued',
  'a story: splitting',
  'a story: splitting, parked',
  'a story: working',
  'a story: working, parked',
  'a story: gathering',
  'a story: gathering, parked',
  'a story: failed',
  'a story: expired',
];

describe('simulation of fan-outs', () => {
  it('ends every job once, with its items counted right and gathered, whatever fails, repeats and overlaps', async () => {
    let [stories, runs] = [NONE_COMPARED, 0];
    const sights = await tryAll(
      seed => runFanOuts(seed),
      { count: SEEDS, wanted: SIGHTS, most: Math.max(SEEDS, 150) },
      run => {
        runs++;
        stories = addCompared(stories, run.stories);
      },
    );
    assert.equal(tooFewCompared(stories, runs), undefined);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
    assert.ok(!sights.has('refused'), 'nothing was refused');
  });

  it('runs the same for the same seed', () => assertRepeats(seed => runFanOuts(seed), 5));

  it('finds a store that writes whatever the position is', () =>
    assertFound(seed => runFanOuts(seed, {}, true), { count: 100 }));
});
