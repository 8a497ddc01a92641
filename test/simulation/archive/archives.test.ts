// Archives in the simulation: whatever fails, repeats and overlaps, every event is in exactly one file.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { type ArchiveMutation, runArchives } from './run-archives.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 100);

async function wrongSeeds(mutation: ArchiveMutation): Promise<number> {
  let wrong = 0;
  for (let seed = 0; seed < 40; seed++) {
    if ((await outsideMicrotasks(() => runArchives(seed, mutation))).wrong !== undefined) wrong++;
  }
  return wrong;
}

describe('simulation of archives', () => {
  it('ends with every event in exactly one file, whatever fails, repeats and overlaps', async () => {
    const sights = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runArchives(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}`);
      assert.ok(run.files > 4, `seed ${seed}: ${run.files} files`);
      for (const sight of run.sights) sights.add(sight);
    }
    const wanted = ['kill', 'pause', 'fail over', 'replicate', 'trouble'];
    wanted.push('The position in the store is another one.', 'Another process has decided on the next files.');
    for (const sight of wanted) assert.ok(sights.has(sight), `never seen: ${sight}`);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
  });

  it('runs the same for the same seed', async () => {
    const [one, other] = [await outsideMicrotasks(() => runArchives(3)), await outsideMicrotasks(() => runArchives(3))];
    assert.equal(one.trace, other.trace);
  });

  it('finds a store that writes whatever the position is', async () => {
    assert.ok((await wrongSeeds({ unfenced: true })) > 0);
  });

  it('finds an owner that decides about a range that was decided', async () => {
    assert.ok((await wrongSeeds({ undecided: true })) > 0);
  });

  it('finds an archive that forgets what it has seen', async () => {
    assert.ok((await wrongSeeds({ forgetful: true })) > 0);
  });
});
