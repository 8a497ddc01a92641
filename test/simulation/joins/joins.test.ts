// Joins of two Topics in the simulation: whatever fails, repeats and overlaps, their results are in
// the end those of a plain reading of the events.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { IDLES, KINDS, WAYS } from './app.ts';
import { MANNERS } from './publisher.ts';
import { DISTURBANCES, runJoins } from './run-joins.ts';

const FROM = Number(process.env['FROM'] ?? 0);
const SEEDS = Number(process.env['SEEDS'] ?? 8);

/** What is drawn counts as seen. */
function runWithKinds(seed: number): ReturnType<typeof runJoins> {
  const run = runJoins(seed);
  const { kind, way, idle, imported } = run.variant;
  return { ...run, sights: new Set([...run.sights, kind, way, idle, imported ? 'imported' : 'live']) };
}

describe('simulation of joins', () => {
  it('end with the results of a plain model, whatever fails, repeats and overlaps', async () => {
    const wanted = ['trouble', 'grow', 'imported', 'live', ...KINDS, ...WAYS, ...IDLES, ...MANNERS, ...DISTURBANCES];
    wanted.push('an event is published twice', 'ended by events', 'ended by silence');
    wanted.push('The position in the store is another one.');
    // A few seeds do not show everything.
    // A few seeds show not all of it, and joins of the real log and store are tested beside them.
    const sights = await tryAll(runWithKinds, { from: FROM, count: SEEDS, wanted: SEEDS >= 25 ? wanted : [] });
    for (const sight of sights) assert.ok(!/jumped|refused/.test(sight), sight);
  });

  it('run the same for the same seed', () => assertRepeats(seed => runJoins(seed), 3));

  it('find a store that writes whatever the position is', () =>
    assertFound(seed => runJoins(seed, { unfenced: true }), { count: 40 }));

  it('find joins that forget what they have seen', () =>
    assertFound(seed => runJoins(seed, { forgetful: true }), { count: 40 }));
});
