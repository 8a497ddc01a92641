// When work is done after changes: once they are quiet for a while, and at the
// latest when patience ends.
import assert from 'node:assert/strict';
import { QuietTimer } from '../../../k8s/catalog/quiet-timer.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

function start() {
  const world = createFakeWorld();
  const began = world.monotonic();
  /** Milliseconds since the beginning. */
  const runs: number[] = [];
  const timer = new QuietTimer(world, () => runs.push(world.monotonic() - began));
  return { world, timer, runs };
}

describe('a quiet timer', () => {
  it('runs the work once for changes that follow each other closely', async () => {
    const { world, timer, runs } = start();
    timer.changed();
    await world.pass(20);
    timer.changed();
    await world.pass(29);
    assert.deepEqual(runs, []);
    await world.pass(1);
    assert.deepEqual(runs, [50]);
    await world.pass(1000);
    assert.deepEqual(runs, [50]);
  });

  it('runs the work when patience ends, however many changes come', async () => {
    const { world, timer, runs } = start();
    for (let step = 0; step < 60; step++) {
      timer.changed();
      await world.pass(10);
    }
    assert.deepEqual(runs, [250, 500]);
  });

  it('runs nothing once it is cancelled', async () => {
    const { world, timer, runs } = start();
    timer.changed();
    timer.cancel();
    await world.pass(1000);
    assert.deepEqual(runs, []);
  });
});
