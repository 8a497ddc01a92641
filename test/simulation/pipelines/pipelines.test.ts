// Pipelines in the simulation: whatever fails, repeats and overlaps, their windows say in
// the end what the events say.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, tryAll } from '../runner/seeds.ts';
import { EARLIES, IDLES, SHAPES, TIMES, WAYS } from './app.ts';
import { MANNERS } from './publisher.ts';
import { DISTURBANCES, runPipelines } from './run-pipelines.ts';

const FROM = Number(process.env['FROM'] ?? 0);
const SEEDS = Number(process.env['SEEDS'] ?? 16);

/** What is drawn counts as seen. */
function runWithKinds(seed: number): ReturnType<typeof runPipelines> {
  const run = runPipelines(seed);
  const { way, shape, idle, time, changes, early } = run.variant;
  return {
    ...run,
    sights: new Set([...run.sights, way, shape, idle, time, changes ? 'changes' : 'final', `early: ${early}`]),
  };
}

describe('simulation of pipelines', () => {
  it('end with windows that say what the events say, whatever fails, repeats and overlaps', async () => {
    const wanted = ['trouble', 'changes', 'final', ...DISTURBANCES, ...WAYS, ...SHAPES];
    wanted.push(...IDLES, ...TIMES, ...MANNERS, 'ended by events', 'ended by silence', 'an event is published twice');
    wanted.push('taken over at the end', ...EARLIES.map(each => `early: ${each}`));
    wanted.push('grow', 'keys have moved');
    wanted.push('The position in the store is another one.');
    let [compared, runs] = [0, 0];
    const seeds = { from: FROM, count: SEEDS, wanted, most: Math.max(SEEDS, 80) };
    const sights = await tryAll(runWithKinds, seeds, ({ stories }) => {
      compared += stories?.exact ?? 0;
      runs++;
    });
    for (const sight of sights) assert.ok(!/jumped|refused/.test(sight), sight);
    assert.ok(compared >= 2 * runs, `${compared} stories were compared`);
  });

  it('end so over a store that often loses its newest step, also while windows are loaded', async () => {
    // Seed 96 loaded what was seen from before that, and its windows from after it.
    const focus = {
      slowScan: { table: 'tenfold.repeats', mostMs: 3_000 },
      log: { overlap: 1, shuffle: 1 },
      lost: 0.3,
    };
    await tryAll(seed => runPipelines(seed, focus), { from: 95, count: 3 });
  });

  it('keep the order of results where a store forgets windows that were taken over', async () => {
    // Seed 1317 counted on at offsets before those of results that were there.
    const focus = { lost: 0.3, variant: { grows: true, way: 'keyed as the topic', changes: true } } as const;
    await tryAll(runPipelines, { from: 1317, count: 1 });
    await tryAll(seed => runPipelines(seed, focus), { count: 12 });
  });

  it('run the same for the same seed', () => assertRepeats(seed => runPipelines(seed), 3));

  it('find a store that writes whatever the position is', () =>
    assertFound(seed => runPipelines(seed, {}, { unfenced: true }), { count: 40 }));

  it('find windows that forget what they have seen', () =>
    assertFound(seed => runPipelines(seed, {}, { forgetful: 'all' }), { count: 40 }));

  it('find windows that forget which events they have counted', () =>
    assertFound(seed => runPipelines(seed, {}, { forgetful: 'events' }), { count: 40 }));
});
