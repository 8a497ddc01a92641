// The work queue: one piece of work for a key at a time, and failures come again later and later.
import assert from 'node:assert/strict';
import { createWorkQueue } from '../../../k8s/operator/work-queue.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

function setUp(concurrency = 2, outcome: (key: string) => Promise<void> = async () => {}) {
  const world = createFakeWorld();
  const began: string[] = [];
  const failed: string[] = [];
  const queue = createWorkQueue({
    world,
    concurrency,
    backoff: { base: 100, max: 1000 },
    async work(key) {
      began.push(key);
      await outcome(key);
    },
    failed: (key, _, failures) => void failed.push(`${key} ${failures}`),
  });
  return { world, queue, began, failed };
}

describe('The work queue', () => {
  it('does once what was added twice', async () => {
    const { world, queue, began } = setUp();
    queue.add('a');
    queue.add('a');
    await world.pass(0);
    assert.deepEqual(began, ['a']);
  });

  it('does a key again that was added while it was worked on, and never two at a time', async () => {
    const gate = Promise.withResolvers<void>();
    let inside = 0;
    let most = 0;
    const { world, queue, began } = setUp(2, async () => {
      most = Math.max(most, ++inside);
      await gate.promise;
      inside--;
    });
    queue.add('a');
    await world.pass(0);
    queue.add('a');
    await world.pass(0);
    assert.deepEqual(began, ['a']);
    gate.resolve();
    await world.pass(0);
    assert.deepEqual(began, ['a', 'a']);
    assert.equal(most, 1);
  });

  it('works on no more keys at a time than it may', async () => {
    const gate = Promise.withResolvers<void>();
    const { world, queue, began } = setUp(2, () => gate.promise);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await world.pass(0);
    assert.deepEqual(began, ['a', 'b']);
    gate.resolve();
    await world.pass(0);
    assert.deepEqual(began, ['a', 'b', 'c']);
  });

  it('tries what failed again, later each time, and from the beginning once it worked', async () => {
    let wrong = true;
    const { world, queue, began, failed } = setUp(1, async () => {
      if (wrong) throw new Error('no');
    });
    queue.add('a');
    await world.pass(74);
    assert.equal(began.length, 1);
    await world.pass(1);
    assert.equal(began.length, 2);
    await world.pass(149);
    assert.equal(began.length, 2);
    await world.pass(1);
    assert.deepEqual(failed, ['a 1', 'a 2', 'a 3']);
    wrong = false;
    await world.pass(1000);
    assert.equal(began.length, 4);
    wrong = true;
    queue.add('a');
    await world.pass(0);
    assert.equal(failed.at(-1), 'a 1');
  });

  it('comes back to a key at the time that was asked for', async () => {
    const { world, queue, began } = setUp();
    queue.addAfter('a', 500);
    await world.pass(499);
    assert.deepEqual(began, []);
    await world.pass(1);
    assert.deepEqual(began, ['a']);
  });

  it('waits for what is under way when it closes, and begins nothing more', async () => {
    const gate = Promise.withResolvers<void>();
    const { world, queue, began } = setUp(1, () => gate.promise);
    queue.add('a');
    queue.add('b');
    await world.pass(0);
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await world.pass(0);
    assert.equal(closed, false);
    gate.resolve();
    await closing;
    queue.add('c');
    await world.pass(5000);
    assert.deepEqual(began, ['a']);
  });
});
