// Syncs in the simulation: whatever fails, repeats and overlaps, no change comes back to where it has been, and all systems agree in the end.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { type Mutation, runSyncs } from './run-syncs.ts';

const SEEDS = 150;

async function wrongSeeds(mutation: Mutation): Promise<number> {
  let wrong = 0;
  for (let seed = 0; seed < 12; seed++) {
    if ((await outsideMicrotasks(() => runSyncs(seed, mutation))).wrong !== undefined) wrong++;
  }
  return wrong;
}

describe('simulation of syncs', () => {
  it('comes to rest with three systems that agree, and returns nothing to where it has been', async () => {
    const sights = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runSyncs(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}`);
      for (const sight of run.sights) sights.add(sight);
    }
    const born = ['new', 'a', 'b', 'shadow'].map(where => `born: ${where}`);
    const faults = ['kill', 'pause', 'join', 'superseded', 'parked', 'function fails', 'answer lost'];
    for (const sight of [...born, ...faults, 'all is told', 'news is told']) {
      assert.ok(sights.has(sight), `never seen: ${sight}`);
    }
  });

  it('runs the same for the same seed', async () => {
    const [one, other] = [await outsideMicrotasks(() => runSyncs(3)), await outsideMicrotasks(() => runSyncs(3))];
    assert.equal(one.trace, other.trace);
  });

  const mutations: Record<string, Mutation> = {
    'a sync that hands everything over': { unfiltered: true },
    'a sync that does not say where its changes go': { unmarked: true },
    'functions that forget where a change has been': { forgetful: true },
    'copies of a shadow that look like any request': { plainCopies: true },
  };
  for (const [name, mutation] of Object.entries(mutations)) {
    it(`finds ${name}`, async () => assert.ok((await wrongSeeds(mutation)) > 0));
  }
});
