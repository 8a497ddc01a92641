// Upkeep of a dispatcher: it sees new partitions and topics that somebody deleted, tells owners
// what it saw, and goes on after any failure.
import assert from 'node:assert/strict';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import type { PartitionContext } from '../../../worker/dispatch/partition-context.ts';
import type { PartitionOwner } from '../../../worker/dispatch/partition-owner.ts';
import { startUpkeep } from '../../../worker/dispatch/upkeep.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { settingsFor } from './harness.ts';

const [PARKED, DEAD] = [parkingLogTopicOf('g'), deadTopicOf('g')];

function setUp(partitions = 2) {
  const world = createFakeWorld(0);
  const topics = new Map<string, readonly Bounds[]>();
  for (const topic of ['t', PARKED, DEAD])
    topics.set(
      topic,
      [1, 2].map(end => ({ start: 0, end })),
    );
  const seen: string[] = [];
  const log: Partial<EventLog> = {
    async bounds(topic) {
      seen.push(`asks ${topic}`);
      faults.asked();
      if (faults.isAway) throw new Error('the log is away');
      return topics.get(topic);
    },
    async ensureTopic(topic, settings) {
      seen.push(`makes ${topic} of ${settings.partitions}`);
      topics.set(
        topic,
        Array.from({ length: settings.partitions }, () => ({ start: 0, end: 0 })),
      );
    },
    topics: async () => [],
  };
  const faults = { isAway: false, asked: () => {} };
  const owner = {
    sawBounds: (start: number, end: number) => seen.push(`source ${start}-${end}`),
    sawParkingLogBounds: ({ start, end }: Bounds) => seen.push(`parking log ${start}-${end}`),
  } as unknown as PartitionOwner;
  const observer = {
    trouble: (partition: number, error: Error) => seen.push(`trouble ${partition}: ${error.message}`),
  };
  const context = { world, log, settings: settingsFor(), observer, parkingLogTopic: PARKED, deadTopic: DEAD };
  const upkeep = startUpkeep(context as unknown as PartitionContext, new Map([[1, owner]]), partitions);
  /** What one round does; `isWhole`: the round is one of those that look after all topics. */
  const round = async () => {
    seen.length = 0;
    await world.pass(10_000);
    return seen.filter(each => !each.startsWith('asks'));
  };
  return { world, topics, faults, seen, upkeep, round };
}

describe('the upkeep of a dispatcher', () => {
  it('tells owners the bounds of the source each time, and those of the parking log at each sixth', async () => {
    const { round, seen, world } = setUp();
    await world.pass(0);
    assert.deepEqual(seen, []);
    assert.deepEqual(await round(), ['source 0-2', 'parking log 0-2']);
    for (let count = 0; count < 5; count++) {
      assert.deepEqual(await round(), ['source 0-2']);
      assert.deepEqual(seen, ['asks t', 'source 0-2']);
    }
    assert.deepEqual(await round(), ['source 0-2', 'parking log 0-2']);
  });

  it('makes as many partitions for its own topics as the source has got', async () => {
    const { round, topics } = setUp();
    await round();
    topics.set(
      't',
      [1, 2, 3].map(end => ({ start: 0, end })),
    );
    const made = (await round()).filter(each => each.startsWith('makes'));
    assert.deepEqual(made.sort(), [`makes ${DEAD} of 3`, `makes ${PARKED} of 3`]);
    assert.deepEqual(await round(), ['source 0-2']);
  });

  for (const gone of [PARKED, DEAD])
    it(`makes ${gone} again, at the next round that looks after it`, async () => {
      const { round, topics } = setUp();
      await round();
      topics.delete(gone);
      for (let count = 0; count < 5; count++) assert.deepEqual(await round(), ['source 0-2']);
      assert.ok((await round()).includes(`makes ${gone} of 2`));
    });

  it('makes nothing where the source is gone', async () => {
    const { round, topics } = setUp();
    topics.clear();
    assert.deepEqual(await round(), []);
  });

  it('tells of a failure, and goes on', async () => {
    const { round, faults } = setUp();
    faults.isAway = true;
    assert.deepEqual(await round(), ['trouble -1: the log is away']);
    faults.isAway = false;
    assert.deepEqual(await round(), ['source 0-2', 'parking log 0-2']);
  });

  it('ends when it is closed, also during a round', async () => {
    const { round, upkeep, world, seen, faults } = setUp();
    await round();
    faults.asked = () => upkeep.close();
    await round();
    seen.length = 0;
    await world.pass(60_000);
    assert.deepEqual(seen, []);
    const early = setUp();
    early.upkeep.close();
    assert.deepEqual(await early.round(), []);
  });
});
