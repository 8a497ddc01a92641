// A Topic that gets more partitions moves keys to others: windows count each event once all the
// same, also those that were counted where the Topic has them.
import assert from 'node:assert/strict';
import { pipelineGroupOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { createEventPlane } from '../../../worker/event-plane.ts';
import { movedWindowOf } from '../../../worker/pipelines/moved-plan.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { eventually } from '../../eventually.ts';
import { publishAll } from './harness.ts';
import { AFTER, at, BEFORE, BY, findLogs, KEYS, MovingKeys, OTHERWISE } from './moving-keys.ts';

/** As where another process owns all other partitions. */
function owningBelow(partitions: number, log: EventLog): EventLog {
  return {
    ...log,
    join: options =>
      log.join({
        ...options,
        assigned(owned) {
          if (owned.partition < partitions) options.assigned(owned);
        },
      }),
  };
}

for (const found of findLogs())
  describe(`windows of keys that move, over ${found.over}`, () => {
    let site: MovingKeys;
    beforeEach(async () => {
      site = await MovingKeys.open(found);
    });
    afterEach(() => site.close());
    after(() => (found.over === 'Kafka' ? MovingKeys.closeClients() : undefined));

    const counted = async (count = 4) => {
      await eventually(async () => (await site.counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await site.counts(),
        KEYS.map(() => count),
        'counts of all windows',
      );
      assert.deepEqual(await site.letters(), []);
    };
    /** The windows, and the partitions that they have; undefined: they count in place. */
    const movedTo = () => {
      const window = site.running && movedWindowOf(site.running.plan);
      return window && [window.id, window.partitions];
    };

    for (const declared of [BEFORE, AFTER])
      it(`go on with their state where keys move while they count, and where their Topic then declares ${declared} partitions`, async () => {
        await site.start(BEFORE, BY);
        await site.publish([1, 2], BEFORE);
        await site.handled(2 * KEYS.length);
        await site.grow();
        await eventually(() => movedTo() !== undefined, 'they are counted another way');
        const before = movedTo();
        await site.publish([3], AFTER, site.other);
        // Somebody who has not heard of the growth yet.
        await site.publish([4], BEFORE, site.other);
        await site.running?.close(1_000);
        await site.start(declared, BY);
        assert.deepEqual(movedTo(), before);
        await site.publishEnd(AFTER, site.other);
        await counted();
      });

    it('go on at once, also while nothing is due and others own the new partitions', async () => {
      site.running = await site.begin({ partitions: BEFORE, by: BY }, owningBelow(BEFORE, site.log));
      await site.publish([1], BEFORE);
      await site.handled(KEYS.length);
      await site.grow();
      // Asked of the log and not of what this process knew.
      assert.equal(await site.log.offsetAt(site.name, AFTER - 1, 0), 0);
      await eventually(() => movedTo() !== undefined, 'they are counted another way');
    });

    it('go on by their state where the log has forgotten how far they had come', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.running?.close(1_000);
      const forgotten = Array.from({ length: BEFORE }, (_, n) => [n, { offset: 0, metadata: '' }] as const);
      await site.log.seek(pipelineGroupOf('default', site.topic), site.name, new Map(forgotten));
      await site.grow();
      await site.publish([3, 4], AFTER);
      await site.start(BEFORE, BY);
      await site.publishEnd(AFTER);
      await counted();
    });

    it('keep each window apart where two processes know of the growth at different times', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      const other = await site.begin({ partitions: BEFORE, by: BY }, site.other);
      try {
        await site.grow();
        await site.publish([3, 4], AFTER, site.other);
        await site.publishEnd(AFTER, site.other);
        await counted();
      } finally {
        await other.close(1_000);
      }
    });

    it('lose nothing where the Topic grows by its resource, while no process ran', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.running?.close(1_000);
      const plane = createEventPlane({
        ...{ world: realWorld, log: site.log, store: { now: async () => Date.now() }, isPaused: async () => false },
        consumerFor: () => assert.fail('There are no consumers.'),
        observerFor: () => silentObserver,
        problem: message => assert.fail(message),
      });
      plane.apply(compileEvents(site.resources({ partitions: AFTER, by: BY }), { storage: true, kafka: false }));
      await plane.topicsTried();
      await plane.close(0);
      assert.equal((await site.log.bounds(site.name))?.length, AFTER);
      await site.start(AFTER, BY);
      await site.publish([3, 4], AFTER);
      await site.publishEnd(AFTER);
      await counted();
    });

    it('count each event once, and take none for late, where keys are brought together', async () => {
      await site.start(BEFORE, OTHERWISE);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.log.ensureTopic(site.name, { partitions: AFTER });
      await site.publish([3, 4], AFTER);
      await site.publishEnd(AFTER);
      await eventually(async () => (await site.counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await site.counts(),
        KEYS.map(() => 4),
        'counts of all windows',
      );
      assert.deepEqual(await site.letters(), []);
    });

    it('count all events of a Topic that had grown before the Pipeline began', async () => {
      await site.log.ensureTopic(site.name, { partitions: BEFORE });
      await site.publish([1, 2], BEFORE);
      await site.grow();
      await site.publish([3, 4], AFTER, site.other);
      await site.start(AFTER, BY);
      assert.ok(movedTo(), 'their keys are brought together from the first one on');
      await site.publishEnd(AFTER, site.other);
      await counted();
    });

    it('give up an event without a key', async () => {
      await site.start(BEFORE, BY);
      await publishAll(site.log, site.topic, [{ data: { key: '' }, partition: 0, time: at(1), id: 'without a key' }]);
      await eventually(async () => (await site.letters()).length === 1, 'it is a dead letter');
      const [letter] = await site.letters();
      assert.equal(letter?.eventId, 'without a key');
      assert.match(letter?.error?.message ?? '', /the window would be divided.*Write "by" in other words/);
    });

    it('count an event that is not where its key belongs together with the others of its key', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      const partition = (partitionOf('k0', BEFORE) + 1) % BEFORE;
      await publishAll(site.log, site.topic, [{ data: { key: 'k0' }, partition, time: at(3), id: 'elsewhere' }]);
      await site.publish([4], BEFORE);
      await site.publishEnd(BEFORE);
      await eventually(async () => (await site.counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual((await site.counts()).toSorted(), [...KEYS.slice(1).map(() => 3), 4]);
      assert.deepEqual(await site.letters(), []);
    });
  });
