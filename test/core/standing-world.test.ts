// A world whose time stands still: what is due waits, and what was left of it is still left after.
import assert from 'node:assert/strict';
import { createStandingWorld } from '../../core/standing-world.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';

describe('a world whose time can stand still', () => {
  function create() {
    const real = createFakeWorld();
    const standing = createStandingWorld(real);
    const fired: string[] = [];
    return { real, ...standing, fired, note: (name: string) => () => void fired.push(name) };
  }

  it('is as the real one while its time goes on', async () => {
    const { real, world, fired, note } = create();
    assert.equal(world.monotonic(), real.monotonic());
    world.after(20, note('second'));
    world.after(10, note('first'));
    world.after(15, note('cancelled')).cancel();
    await real.pass(20);
    assert.deepEqual(fired, ['first', 'second']);
    assert.equal(world.monotonic(), real.monotonic());
  });

  it('leaves a timer as much time as it had when the time stood still', async () => {
    const { real, world, stand, goOn, fired, note } = create();
    const began = world.monotonic();
    world.after(100, note('due'));
    await real.pass(60);
    stand();
    await real.pass(10_000);
    assert.deepEqual([fired, world.monotonic() - began], [[], 60]);
    goOn();
    await real.pass(39);
    assert.deepEqual(fired, []);
    await real.pass(1);
    assert.deepEqual([fired, world.monotonic() - began], [['due'], 100]);
  });

  it('takes and cancels timers while the time stands still', async () => {
    const { real, world, stand, goOn, fired, note } = create();
    stand();
    stand();
    world.after(0, note('kept'));
    world.after(0, note('cancelled')).cancel();
    await real.pass(1_000);
    assert.deepEqual(fired, []);
    goOn();
    goOn();
    await real.pass(0);
    assert.deepEqual(fired, ['kept']);
  });

  it('goes on from where it stood, however often', async () => {
    const { real, world, stand, goOn } = create();
    const began = world.monotonic();
    for (const ms of [5, 7, 11]) {
      await real.pass(ms);
      stand();
      await real.pass(1_000);
      goOn();
    }
    assert.equal(world.monotonic() - began, 23);
    assert.equal(world.now(), real.now());
  });
});
