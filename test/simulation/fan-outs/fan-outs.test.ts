// Fan-outs in the simulation: every job ends once for each time it is taken up, with its items
// counted right and all of them gathered, whatever dies.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, assertSeen, tryAll } from '../runner/seeds.ts';
import { runFanOuts } from './run-fan-outs.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 100);
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
    const sights = await tryAll(seed => runFanOuts(seed), { count: SEEDS });
    assertSeen(sights, SIGHTS);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
    assert.ok(!sights.has('refused'), 'nothing was refused');
  });

  it('runs the same for the same seed', () => assertRepeats(seed => runFanOuts(seed), 5));

  it('finds a store that writes whatever the position is', () =>
    assertFound(seed => runFanOuts(seed, {}, true), { count: 100 }));
});
