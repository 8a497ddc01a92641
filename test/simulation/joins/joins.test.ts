// Joins of two Topics in the simulation: whatever fails, repeats and overlaps, their results are in
// the end those of a plain reading of the events.
import assert from 'node:assert/strict';
import { assertFound, assertRepeats, assertSeen, tryAll } from '../runner/seeds.ts';
import { IDLES, KINDS, WAYS } from './app.ts';
import { MANNERS } from './publisher.ts';
import { DISTURBANCES, runJoins } from './run-joins.ts';

const FROM = Number(process.env['FROM'] ?? 0);
const SEEDS = Number(process.env['SEEDS'] ?? 8);

describe('simulation of joins', () => {
  it('end with the results of a plain model, whatever fails, repeats and overlaps', async () => {
    const kinds = new Set<string>();
    const sights = await tryAll(
      seed => runJoins(seed),
      { from: FROM, count: SEEDS },
      ({ variant: { kind, way, idle, imported } }) => {
        for (const each of [kind, way, idle, imported ? 'imported' : 'live']) kinds.add(each);
      },
    );
    const wanted = ['trouble', 'grow', 'imported', 'live', ...KINDS, ...WAYS, ...IDLES, ...MANNERS, ...DISTURBANCES];
    wanted.push('an event is published twice', 'ended by events', 'ended by silence');
    wanted.push('The position in the store is another one.');
    // A few seeds do not show everything.
    if (SEEDS >= 25) assertSeen(new Set([...sights, ...kinds]), wanted);
    for (const sight of sights) assert.ok(!/jumped|refused/.test(sight), sight);
  });

  it('run the same for the same seed', () => assertRepeats(seed => runJoins(seed), 3));

  it('find a store that writes whatever the position is', () =>
    assertFound(seed => runJoins(seed, { unfenced: true }), { count: 40 }));

  it('find joins that forget what they have seen', () =>
    assertFound(seed => runJoins(seed, { forgetful: true }), { count: 40 }));
});
