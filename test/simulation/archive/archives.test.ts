// Archives in the simulation: whatever fails, repeats and overlaps, every
// event is in exactly one file.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { runArchives } from './run-archives.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 25);

describe('simulation of archives', () => {
  it('ends with every event in exactly one file, whatever fails, repeats and overlaps', async () => {
    const wanted = ['kill', 'pause', 'fail over', 'replicate', 'trouble', 'folders'];
    wanted.push('The position in the store is another one.', 'Another process has decided on the next files.');
    const seeds = { count: SEEDS, wanted, most: Math.max(SEEDS, 75) };
    const sights = await tryAll(runArchives, seeds, ({ files }, seed) => {
      assert.ok(files > 4, `seed ${seed}: ${files} files`);
    });
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
  });

  it('runs the same for the same seed', () => assertRepeats(runArchives, 3));

  it('finds a store that writes whatever the position is', () =>
    assertFound(seed => runArchives(seed, { unfenced: true }), { count: 40 }));

  it('finds an owner that decides about a range that was decided', () =>
    assertFound(seed => runArchives(seed, { undecided: true }), { count: 40 }));

  it('finds an archive that forgets what it has seen', () =>
    assertFound(seed => runArchives(seed, { forgetful: true }), { count: 40 }));
});
