// Views in the simulation: whatever fails, repeats and overlaps, and however often they are built
// anew, what is read was right at some moment and is right in the end, and so are stories.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { addCompared, NONE_COMPARED, tooFewCompared } from '../stories/compared.ts';
import { KINDS } from './definitions.ts';
import { runViews } from './run-views.ts';

/** From here on 24 seeds draw each kind. */
const FROM = 101;
const SEEDS = Number(process.env['SEEDS'] ?? 24);
const SIGHTS = [
  ...KINDS,
  'trouble',
  'superseded',
  'pause',
  'the store forgets',
  'rebuild',
  'change',
  'roll',
  'a build begins',
  'swap',
  'all are read',
  'one is read',
  'an answer is behind',
  'an event is published twice',
];

describe('simulation of Views', () => {
  it('never shows half a generation and ends with what the events say, whatever fails, repeats and overlaps', async () => {
    let [stories, runs] = [NONE_COMPARED, 0];
    const sights = await tryAll(
      seed => runViews(seed),
      { from: FROM, count: SEEDS, wanted: SIGHTS, most: Math.max(SEEDS, 120) },
      run => {
        runs++;
        stories = addCompared(stories, run.stories);
      },
    );
    assert.equal(tooFewCompared(stories, runs), undefined);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
    assert.ok(!sights.has('refused'), 'nothing was refused');
  });

  it('ends so where the View changes again while it is built', async () => {
    const seeds = { count: Math.min(SEEDS, 4), wanted: ['a build is given up'], most: 16 };
    await tryAll(seed => runViews(seed, { changesAgain: true }), seeds);
  });

  it('runs the same for the same seed', () => assertRepeats(seed => runViews(seed), 5));

  it('finds a store that writes whatever the position is', () =>
    assertFound(seed => runViews(seed, {}, true), { count: 60 }));
});
