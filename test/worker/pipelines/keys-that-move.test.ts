// A Topic that gets more partitions moves keys to others: windows count each event once all the
// same, or say nothing and stop.
import assert from 'node:assert/strict';
import { pipelineGroupOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { createEventPlane } from '../../../worker/event-plane.ts';
import { stopOf } from '../../../worker/pipeline-plane.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { eventually } from '../../eventually.ts';
import { publishAll } from './harness.ts';
import { AFTER, at, BEFORE, BY, findLogs, KEYS, MovingKeys, OTHERWISE } from './moving-keys.ts';

/** As where the topics are kept by somebody who refuses that. */
function withoutGrowth(log: EventLog): EventLog {
  const isSource = (name: string) => /^default\.m[0-9a-f]{8}$/.test(name);
  return {
    ...log,
    ensureTopic: async (name, settings) => (isSource(name) ? undefined : log.ensureTopic(name, settings)),
  };
}

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

    it('stop before they are divided, and are counted by another Pipeline that brings keys together', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.grow();
      await site.publish([3, 4], AFTER, site.other);
      await site.publishEnd(AFTER, site.other);
      const isSaid = () => site.troubles().some(text => /has 5 partitions, and had 3 when/.test(text));
      await eventually(isSaid, 'it says so');
      await site.running?.close(1_000);
      assert.deepEqual(await site.counts(), []);
      // However often it is started, by whoever knows of the growth or not.
      for (const partitions of [BEFORE, AFTER]) {
        await site.start(partitions, BY);
        assert.match(stopOf(site.running)?.why ?? '', /has 5 partitions, and had 3 when/);
        await eventually(
          () => site.troubles().length === AFTER && !site.troubles().includes(''),
          'all partitions say so',
        );
        await site.running?.close(1_000);
      }
      assert.deepEqual(await site.counts(), []);
      await site.start(AFTER, OTHERWISE, `${site.topic}-again`);
      await eventually(async () => (await site.counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await site.counts(),
        KEYS.map(() => 4),
        'counts of all windows',
      );
    });

    it('stop at once, also while nothing is due and others own the new partitions', async () => {
      site.running = await site.begin({ partitions: BEFORE, by: BY }, owningBelow(BEFORE, site.log));
      await site.publish([1], BEFORE);
      await site.handled(KEYS.length);
      await site.grow();
      // Asked of the log and not of what this process knew.
      assert.equal(await site.log.offsetAt(site.name, AFTER - 1, 0), 0);
      await eventually(() => stopOf(site.running) !== undefined, 'it has stopped');
      await eventually(() => site.troubles().every(text => /has 5 partitions/.test(text)), 'all partitions say so');
      await site.publish([2], AFTER);
      await site.running?.close(1_000);
      assert.equal(site.running?.stages.get('source')?.totals.handled, KEYS.length);
    });

    it('stop by their state where the log has forgotten how far they had come', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.running?.close(1_000);
      const forgotten = Array.from({ length: BEFORE }, (_, n) => [n, { offset: 0, metadata: '' }] as const);
      await site.log.seek(pipelineGroupOf('default', site.topic), site.name, new Map(forgotten));
      await site.grow();
      await site.publish([3, 4], AFTER);
      await site.publishEnd(AFTER);
      await site.start(BEFORE, BY);
      assert.match(stopOf(site.running)?.why ?? '', /has 5 partitions, and had 3 when/);
      assert.deepEqual(await site.counts(), []);
    });

    it('lose nothing where a Topic only declares more partitions, while no process ran', async () => {
      await site.start(BEFORE, BY);
      await site.publish([1, 2], BEFORE);
      await site.handled(2 * KEYS.length);
      await site.running?.close(1_000);
      const problems: string[] = [];
      const plane = createEventPlane({
        ...{ world: realWorld, log: site.log, store: { now: async () => Date.now() }, isPaused: async () => false },
        consumerFor: () => assert.fail('There are no consumers.'),
        observerFor: () => silentObserver,
        problem: (message, error) => problems.push(`${message}: ${error}`),
      });
      const plan = (by: string) =>
        compileEvents(site.resources({ partitions: AFTER, by }), { storage: true, kafka: false });
      plane.apply(plan(BY));
      await plane.topicsTried();
      assert.match(problems[0] ?? '', /cannot get more partitions while Pipeline/);
      assert.deepEqual(plane.missingTopics, []);
      assert.equal((await site.log.bounds(site.name))?.length, BEFORE);
      assert.match(problems[0] ?? '', /All else that the Topic says is in force\.$/);
      site.running = await site.begin({ partitions: AFTER, by: BY }, withoutGrowth(site.log));
      assert.match(stopOf(site.running)?.why ?? '', /declares 5 partitions, and declared 3 when/);
      assert.match(stopOf(site.running)?.next ?? '', /^Let the Topic declare 3 again/);
      await site.running.close(1_000);
      await site.start(BEFORE, BY);
      await site.publish([3, 4], BEFORE);
      await site.publishEnd(BEFORE);
      await eventually(async () => (await site.counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await site.counts(),
        KEYS.map(() => 4),
        'counts of all windows',
      );
      plane.apply(plan(OTHERWISE));
      await eventually(
        async () => (await site.log.bounds(site.name))?.length === AFTER,
        'it grows once nobody counts by its key',
      );
      await plane.close(0);
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

    it('give up an event that is not where its key belongs', async () => {
      await site.start(BEFORE, BY);
      const strays = [
        { data: { key: '' }, partition: 0, time: at(1), id: 'without a key' },
        { data: { key: 'k0' }, partition: (partitionOf('k0', BEFORE) + 1) % BEFORE, time: at(1), id: 'elsewhere' },
      ];
      await publishAll(site.log, site.topic, strays);
      await eventually(async () => (await site.letters()).length === 2, 'both are dead letters');
      const found = (await site.letters()).map(({ eventId, error }) => [eventId, error?.message ?? ''] as const);
      assert.deepEqual(found.map(([id]) => id).sort(), ['elsewhere', 'without a key']);
      for (const [, message] of found) assert.match(message, /the window would be divided.*Write "by" in other words/);
    });
  });
