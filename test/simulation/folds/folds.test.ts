// Folds in the simulation: whatever fails, repeats and overlaps, in the end the
// state is what the events say.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { runFolds } from './run-folds.ts';

const SIGHTS = ['kill', 'pause', 'fail over', 'replicate', 'superseded', 'trouble'];

describe('simulation of folds', () => {
  it('ends with the state that the events say, whatever fails, repeats and overlaps', async () => {
    const sights = await tryAll(runFolds, { count: 30, wanted: SIGHTS, most: 90 });
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
  });

  it('runs the same for the same seed', () => assertRepeats(runFolds, 3));

  it('finds a store that writes whatever the position is', () =>
    assertFound(seed => runFolds(seed, { unfenced: true }), { count: 30 }));

  it('finds a fold that forgets what it has seen', () =>
    assertFound(seed => runFolds(seed, { forgetful: true }), { count: 30 }));
});
