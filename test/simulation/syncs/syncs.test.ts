// Syncs in the simulation: whatever fails, repeats and overlaps, no change comes back to where it
// has been, and all systems agree in the end.
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { type Mutation, runSyncs } from './run-syncs.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 30);

describe('simulation of syncs', () => {
  it('comes to rest with three systems that agree, and returns nothing to where it has been', async () => {
    const born = ['new', 'a', 'b', 'shadow'].map(where => `born: ${where}`);
    const faults = ['kill', 'pause', 'join', 'superseded', 'parked', 'function fails', 'answer lost'];
    const wanted = [...born, ...faults, 'all is told', 'news is told'];
    await tryAll(runSyncs, { count: SEEDS, wanted, most: Math.max(SEEDS, 90) });
  });

  it('runs the same for the same seed', () => assertRepeats(runSyncs, 3));

  const mutations: Record<string, Mutation> = {
    'a sync that hands everything over': { unfiltered: true },
    'a sync that does not say where its changes go': { unmarked: true },
    'functions that forget where a change has been': { forgetful: true },
    'copies of a shadow that look like any request': { plainCopies: true },
  };
  for (const [name, mutation] of Object.entries(mutations)) {
    it(`finds ${name}`, () => assertFound(seed => runSyncs(seed, mutation), { count: 12 }));
  }
});
