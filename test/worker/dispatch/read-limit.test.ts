// How much of its source a partition reads: what there is room for, and what is done where there is
// none.
import assert from 'node:assert/strict';
import type { LaneWork } from '../../../worker/dispatch/lanes/lane-work.ts';
import { defaultLimits } from '../../../worker/dispatch/limits.ts';
import type { PartitionContext } from '../../../worker/dispatch/partition-context.ts';
import { ReadLimit } from '../../../worker/dispatch/read-limit.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { settingsFor } from './harness.ts';

const LIMITS = { freshEvents: 100, freshEventsWhenTight: 40, freshBytes: 1000, metadataBytes: 400 };

function setUp(some: Partial<DispatchSettings> = {}, partitions = 1) {
  const settings = settingsFor({ parking: { maxKeys: 20, maxSize: 5000 }, ...some });
  const lanes = { freshCount: 0, freshBytes: 0, parkedKeys: 0, parkedBytes: 0 };
  const done: string[] = [];
  const work = {
    ...{ lanes, isBehind: false, hasNew: false, hasReady: false },
    giveUpMostTried: () => done.push('gives up'),
    setAside: (count: number) => done.push(`sets ${count} aside`),
    parkFollowersOfRunning: () => done.push('parks followers'),
    parkHeldBack: (count: number) => done.push(`parks ${count} held back`),
  };
  const breaker = { isFlowing: true, seeksOthers: false };
  const scheduler = { breaker, hasRoom: true };
  const limits = { ...defaultLimits(settings), ...LIMITS };
  const context = { settings, limits, scheduler, partitions: () => partitions } as unknown as PartitionContext;
  const limit = new ReadLimit(context, work as unknown as LaneWork);
  const tick = (times = 1) => {
    done.length = 0;
    for (let count = 0; count < times; count++) limit.tick();
    return done.join(', ');
  };
  const closing = new AbortController();
  const entered: string[] = [];
  const enter = () =>
    void limit.enter(closing.signal).then(
      () => entered.push('reads'),
      error => entered.push(`ends: ${error.message}`),
    );
  const told = async () => {
    await new Promise(resolve => setImmediate(resolve));
    return entered.splice(0).join(', ');
  };
  return { limit, lanes, work, breaker, scheduler, tick, closing, enter, told };
}

describe('the room for events of a source', () => {
  it('is what memory has left', () => {
    const { limit, lanes } = setUp();
    assert.equal(limit.free, 100);
    lanes.freshCount = 70;
    assert.equal(limit.free, 30);
    lanes.freshBytes = 999;
    assert.equal(limit.free, 30);
    lanes.freshBytes = 1000;
    assert.equal(limit.free, 0);
  });

  it('divides bytes and parked events among the partitions of the process', () => {
    const { limit, lanes } = setUp({}, 4);
    lanes.freshBytes = 250;
    assert.equal(limit.free, 0);
    lanes.freshBytes = 249;
    lanes.parkedKeys = 4;
    assert.deepEqual([limit.free, limit.isFull], [100, false]);
    lanes.parkedKeys = 5;
    assert.deepEqual([limit.free, limit.isFull], [0, true]);
    lanes.parkedKeys = 0;
    lanes.parkedBytes = 1250;
    assert.equal(limit.isFull, true);
    // One partition has all before it is counted, and each has room for one key.
    const none = setUp({}, 0);
    none.lanes.freshBytes = 999;
    none.lanes.parkedKeys = 19;
    assert.deepEqual([none.limit.free, none.limit.isFull], [100, false]);
    const many = setUp({}, 100);
    assert.equal(many.limit.isFull, false);
    many.lanes.parkedKeys = 1;
    assert.equal(many.limit.isFull, true);
  });

  it('is less after a commit that took more than three quarters of its own', () => {
    const { limit } = setUp();
    limit.committed(301);
    assert.equal(limit.free, 40);
    limit.committed(300);
    assert.equal(limit.free, 100);
  });

  it('is some while the target is left alone, and none while new events are here', () => {
    const { limit, lanes, work, breaker } = setUp();
    breaker.isFlowing = false;
    assert.equal(limit.free, 16);
    lanes.freshCount = 95;
    assert.equal(limit.free, 5);
    work.hasNew = true;
    assert.equal(limit.free, 0);
  });

  it('is there while parked events wait for the source to come up to them', () => {
    const { limit, lanes, work } = setUp();
    lanes.parkedKeys = 20;
    work.isBehind = true;
    assert.deepEqual([limit.isFull, limit.free], [false, 100]);
  });
});

describe('the reading of a source', () => {
  it('goes on at once where there is room, and otherwise once there is a quarter', async () => {
    const { limit, lanes, enter, told } = setUp();
    lanes.freshCount = 99;
    enter();
    assert.equal(await told(), 'reads');
    lanes.freshCount = 100;
    enter();
    lanes.freshCount = 76;
    limit.look();
    assert.equal(await told(), '');
    lanes.freshCount = 75;
    limit.look();
    assert.equal(await told(), 'reads');
    limit.look();
    assert.equal(await told(), '');
  });

  it('goes on for less after a commit that took most of its room', async () => {
    const { limit, lanes, enter, told } = setUp();
    limit.committed(400);
    lanes.freshCount = 40;
    enter();
    lanes.freshCount = 31;
    limit.look();
    assert.equal(await told(), '');
    lanes.freshCount = 30;
    limit.look();
    assert.equal(await told(), 'reads');
  });

  it('does not go on where the parking log is full, and goes on at a tick that finds room', async () => {
    const { limit, lanes, tick, enter, told } = setUp();
    lanes.parkedKeys = 20;
    enter();
    limit.look();
    assert.equal(await told(), '');
    lanes.parkedKeys = 19;
    assert.equal(tick(), '');
    assert.equal(await told(), 'reads');
  });

  it('goes on for a single event while the target is left alone', async () => {
    const { limit, lanes, breaker, enter, told } = setUp();
    breaker.isFlowing = false;
    lanes.freshCount = 100;
    enter();
    limit.look();
    assert.equal(await told(), '');
    lanes.freshCount = 99;
    limit.look();
    assert.equal(await told(), 'reads');
  });

  it('ends with its owner, whether it waits or not', async () => {
    const { limit, lanes, closing, enter, told } = setUp();
    lanes.freshCount = 100;
    enter();
    closing.abort(new Error('closing'));
    assert.equal(await told(), 'ends: closing');
    lanes.freshCount = 0;
    limit.look();
    enter();
    assert.equal(await told(), 'ends: closing');
  });
});

describe('a source that cannot be read', () => {
  const stuck = (some: Partial<DispatchSettings> = {}) => {
    const parts = setUp(some);
    parts.lanes.freshCount = 100;
    parts.enter();
    return parts;
  };

  it('has slow events make room at the second tick that finds nobody to call for', () => {
    const { tick } = stuck();
    assert.equal(tick(), '');
    assert.equal(tick(), 'parks followers, parks 10 held back');
    assert.equal(tick(), 'parks followers, parks 10 held back');
  });

  it('begins to count anew after it could be read, or had something to call for', async () => {
    const { tick, work, lanes, limit, enter, told } = stuck();
    tick();
    work.hasReady = true;
    assert.equal(tick(), '');
    work.hasReady = false;
    assert.equal(tick(), '');
    lanes.freshCount = 0;
    limit.look();
    assert.equal(await told(), 'reads');
    lanes.freshCount = 100;
    enter();
    assert.equal(tick(), '');
    assert.equal(tick(2), 'parks followers, parks 10 held back, parks followers, parks 10 held back');
  });

  it('leaves all as it is where nobody waits, a call has no room, or the order is that of the partition', () => {
    assert.equal(setUp().tick(3), '');
    const { scheduler, tick } = stuck();
    scheduler.hasRoom = false;
    assert.equal(tick(3), '');
    assert.equal(stuck({ order: 'partition' }).tick(3), '');
    assert.equal(stuck({ order: 'none' }).tick(3), '');
    const share = { by: () => 'a', max: 1 };
    assert.equal(stuck({ order: 'none', share }).tick(2), 'parks followers, parks 10 held back');
  });

  it('keeps half of the room in the parking log from shares that are held back', () => {
    const { lanes, tick } = stuck();
    lanes.parkedKeys = 7;
    assert.equal(tick(2), 'parks followers, parks 3 held back');
    lanes.parkedBytes = 2499;
    assert.equal(tick(), 'parks followers, parks 3 held back');
    lanes.parkedBytes = 2500;
    assert.equal(tick(), 'parks followers, parks 0 held back');
    const wide = stuck({ parking: { maxKeys: 1000, maxSize: 5000 } });
    assert.equal(wide.tick(2), 'parks followers, parks 25 held back');
    wide.limit.committed(400);
    assert.equal(wide.tick(), 'parks followers, parks 10 held back');
  });

  it('gives up what was tried most where the parking log is full, unless a person or attempts decide', () => {
    const retry = { backoff: 'constant', initial: 1, max: 1 } as const;
    const full = (some: Partial<DispatchSettings>) => {
      const parts = stuck(some);
      parts.lanes.parkedKeys = 20;
      return parts.tick(2);
    };
    assert.equal(full({ retry }), 'gives up, gives up');
    assert.equal(full({ retry, onExhausted: 'hold' }), '');
    assert.equal(full({ retry: { ...retry, attempts: 9 } }), '');
    const { tick } = stuck({ retry });
    assert.equal(tick(), '');
  });

  it('sets some aside where perhaps only these are bad', () => {
    const { breaker, work, lanes, tick, scheduler } = stuck();
    scheduler.hasRoom = false;
    breaker.isFlowing = false;
    breaker.seeksOthers = true;
    assert.equal(tick(), 'sets 1 aside');
    work.hasNew = true;
    assert.equal(tick(), '');
    work.hasNew = false;
    lanes.parkedKeys = 20;
    assert.equal(tick(), '');
  });
});
