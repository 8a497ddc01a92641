// Work that may wait: never at once, all of it in order, a little at a time.
import assert from 'node:assert/strict';
import { createIdleQueue } from '../../../../gateway/strangler/shadow/idle-queue.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

describe('work that may wait', () => {
  it('is not done in the turn that asks for it, and then in order', async () => {
    const world = createFakeWorld();
    const later = createIdleQueue(world);
    const done: number[] = [];
    for (let index = 0; index < 100; index++) later(() => done.push(index));
    assert.deepEqual(done, []);
    await world.pass(1);
    assert.deepEqual(
      done,
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it('is done a few at a time', async () => {
    const world = createFakeWorld();
    const turns: (() => void)[] = [];
    const after = (_ms: number, run: () => void) => {
      turns.push(run);
      return { cancel() {} };
    };
    const later = createIdleQueue({ ...world, after });
    let done = 0;
    for (let index = 0; index < 20; index++) later(() => done++);
    const counts: number[] = [];
    for (let run = turns.shift(); run; run = turns.shift()) {
      run();
      counts.push(done);
    }
    assert.deepEqual(counts, [8, 16, 20]);
    later(() => done++);
    assert.equal(turns.length, 1);
  });
});
