// The position in the log comes to where the store stands, also when nothing more is read.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { realWorld } from '../../../core/world.ts';
import type { Position } from '../../../drivers/event-log/event-log.ts';
import { LogPosition } from '../../../worker/fold/log-position.ts';
import type { StageWork } from '../../../worker/fold/stage.ts';

const EVERY_MS = 1_000;

function setUp(everyMs: number, stored?: number) {
  const committed: number[] = [];
  const troubles: unknown[] = [];
  const log = { now: 0, fails: false, ready: Promise.resolve() };
  const commit = async ({ offset }: Position) => {
    await log.ready;
    if (log.fails) throw new Error('no coordinator');
    committed.push(offset);
  };
  const lost = new AbortController();
  const owned = { partition: 3, lost: lost.signal, committed: async () => undefined, commit };
  const position = new LogPosition({
    world: { ...realWorld, monotonic: () => log.now },
    observer: { trouble: (_, error) => troubles.push(error), superseded() {}, jumped() {}, refused() {} },
    work: { owned: { ...owned, open: assert.fail }, signal: owned.lost } as unknown as StageWork,
    stored,
    everyMs,
  });
  return { position, committed, troubles, log, lost };
}

describe('the position in the log', () => {
  it('comes to the last one that was too soon for a commit of its own', async () => {
    const { position, committed, log } = setUp(EVERY_MS);
    position.follow(1);
    log.now += EVERY_MS;
    position.follow(2);
    position.follow(3);
    await setImmediate();
    position.catchUp();
    assert.deepEqual(committed, [2]);
    log.now += EVERY_MS;
    position.catchUp();
    await setImmediate();
    assert.deepEqual(committed, [2, 3]);
    log.now += EVERY_MS;
    position.catchUp();
    await setImmediate();
    assert.deepEqual(committed, [2, 3]);
  });

  for (const everyMs of [0, EVERY_MS])
    it(`is written again after a failure, also where nothing more comes (${everyMs} ms between commits)`, async () => {
      const { position, committed, troubles, log } = setUp(everyMs);
      log.now += everyMs;
      log.fails = true;
      position.follow(7);
      await setImmediate();
      log.fails = false;
      position.catchUp();
      await setImmediate();
      assert.deepEqual([committed.length, troubles.length], [0, 1]);
      log.now += 1_000;
      position.catchUp();
      await setImmediate();
      assert.deepEqual([committed, troubles.length], [[7], 1]);
    });

  it('is written one after the other, and the newest after a slow one', async () => {
    const { position, committed, log } = setUp(0);
    const slow = Promise.withResolvers<void>();
    log.ready = slow.promise;
    for (const offset of [1, 2, 3]) position.follow(offset);
    slow.resolve();
    await setImmediate();
    assert.deepEqual(committed, [1, 3]);
  });

  it('is brought to where the store stands by the next owner', async () => {
    const { position, committed } = setUp(0, 12);
    position.catchUp();
    await setImmediate();
    assert.deepEqual(committed, [12]);
  });

  it('is neither written nor complained about once the partition is lost', async () => {
    const { position, committed, troubles, log, lost } = setUp(0);
    const slow = Promise.withResolvers<void>();
    log.ready = slow.promise;
    for (const offset of [1, 2]) position.follow(offset);
    lost.abort();
    slow.resolve();
    await setImmediate();
    assert.deepEqual([committed, troubles], [[1], []]);

    const other = setUp(0);
    other.log.fails = true;
    other.position.follow(1);
    other.lost.abort();
    await setImmediate();
    assert.deepEqual([other.committed, other.troubles], [[], []]);
  });
});
