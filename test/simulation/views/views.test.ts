// Views in the simulation: whatever fails, repeats and overlaps, and however often they are built anew, what is read was right at some moment and is right in the end.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { KINDS } from './definitions.ts';
import { runViews } from './run-views.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 150);
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
  'a build is given up',
  'swap',
  'all are read',
  'one is read',
  'an answer is behind',
  'an event is published twice',
];

describe('simulation of Views', () => {
  it('never shows half a generation and ends with what the events say, whatever fails, repeats and overlaps', async () => {
    const sights = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runViews(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}, ${run.kind}`);
      for (const sight of run.sights) sights.add(sight);
    }
    for (const sight of SIGHTS) assert.ok(sights.has(sight), `never seen: ${sight}`);
    assert.ok(!sights.has('jumped'), 'nothing was deleted');
    assert.ok(!sights.has('refused'), 'nothing was refused');
  });

  it('runs the same for the same seed', async () => {
    const [one, other] = [await outsideMicrotasks(() => runViews(5)), await outsideMicrotasks(() => runViews(5))];
    assert.equal(one.trace, other.trace);
  });

  it('finds a store that writes whatever the position is', async () => {
    let wrong = 0;
    for (let seed = 0; seed < 60; seed++) {
      if ((await outsideMicrotasks(() => runViews(seed, true))).wrong !== undefined) wrong++;
    }
    assert.ok(wrong > 0);
  });
});
