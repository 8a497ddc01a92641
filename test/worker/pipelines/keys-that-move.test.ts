// A Topic that gets more partitions moves keys to others: windows count each event once all the
// same, or say nothing and stop.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventsOf, publishAll, resourcesOf, startPipeline } from './harness.ts';

const BEFORE = 3;
const AFTER = 5;
const BY = '${event.data.key}';
const OTHERWISE = '${string(event.data.key)}';
const KEYS = Array.from({ length: 12 }, (_, n) => `k${n}`);
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const service = findService(kafka);
const clients = createClients();
const folders: { remove(): void }[] = [];
const sqliteLog = () => {
  const folder = temporaryFolder();
  folders.push(folder);
  return openLog(folder.file);
};
const logs: [string, () => EventLog | Promise<EventLog>][] = [
  ['the embedded log', sqliteLog],
  ...(service ? [['Kafka', () => clients.open(service.url().split(','))] as [string, () => EventLog]] : []),
];

for (const [over, open] of logs)
  describe(`windows of keys that move, over ${over}`, () => {
    let log: EventLog;
    let store: Store;
    let topic: string;
    let running: RunningPipeline | undefined;
    beforeEach(async () => {
      const folder = temporaryFolder();
      folders.push(folder);
      log = await open();
      store = await openStore(folder.file);
      topic = `m${randomUUID().slice(0, 8)}`;
    });
    afterEach(async () => {
      await running?.close(1_000);
      running = undefined;
      for (const { name } of await log.topics()) if (name.includes(topic)) await log.deleteTopic(name);
      if (over !== 'Kafka') await log.close();
      await store.close();
      for (const folder of folders.splice(0)) folder.remove();
    });
    after(() => (over === 'Kafka' ? clients.closeAll() : undefined));

    const start = async (partitions: number, by: string, name = topic) => {
      const resources =
        resourcesOf(`kind: Topic; metadata: { name: ${topic} }; spec: { partitions: ${partitions}, key: "${BY}" }
kind: Topic; metadata: { name: ${topic}-out }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: ${name} }; spec: { from: { topic: ${topic}, start: earliest }, time: { maxDisorder: 2s, idle: never }, steps: [{ window: { tumbling: 10s, by: "${by}", aggregate: { count: count() } } }], to: [{ topic: ${topic}-out }] }`);
      running = await startPipeline({ log, store, resources });
      return running;
    };
    let events = 0;
    /** Of all keys, where they belong. */
    const publish = (seconds: readonly number[], partitions: number, keys = KEYS) =>
      publishAll(
        log,
        topic,
        seconds.flatMap(second =>
          keys.map(key => {
            const partition = partitionOf(key, partitions);
            return { data: { key }, key, partition, time: at(second), id: `e${++events}` };
          }),
        ),
      );
    /** One for each partition, of a key that belongs there. */
    const publishEnd = (partitions: number) => {
      const numbers = Array.from({ length: 100 }, (_, n) => `end ${n}`);
      const ends = Array.from({ length: partitions }, (_, partition) =>
        numbers.find(key => partitionOf(key, partitions) === partition),
      );
      return publish(
        [1_000],
        partitions,
        ends.flatMap(key => key ?? []),
      );
    };
    const handled = (count: number) =>
      eventually(() => running?.stages.get('source')?.totals.handled === count, `${count} are handled`);
    const counts = async () =>
      (await eventsOf(log, `${topic}-out`)).map(({ data }) => (data as { count: number }).count);
    const letters = async (name = topic) =>
      (await createDeadLetters(realWorld, log, pipelineGroupOf('default', name)).list({}, 100)).letters;

    it('stop before they are divided, and are counted by another Pipeline that brings keys together', async () => {
      await start(BEFORE, BY);
      await publish([1, 2], BEFORE);
      await handled(2 * KEYS.length);
      await log.ensureTopic(topicOf('default', topic), { partitions: AFTER });
      await publish([3, 4], AFTER);
      await publishEnd(AFTER);
      const troubles = () => running?.stages.get('source')?.partitions.map(each => each.trouble ?? '') ?? [];
      await eventually(() => troubles().some(text => /has 5 partitions, and had 3 when/.test(text)), 'it says so');
      await running?.close(1_000);
      assert.deepEqual(await counts(), []);
      // However often it is started, by whoever knows of the growth or not.
      await assert.rejects(start(BEFORE, BY), /has 5 partitions, and had 3 when/);
      await assert.rejects(start(AFTER, BY), /has 5 partitions, and had 3 when/);
      await start(AFTER, OTHERWISE, `${topic}-again`);
      await eventually(async () => (await counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await counts(),
        KEYS.map(() => 4),
        'counts of all windows',
      );
    });

    it('count each event once, and take none for late, where keys are brought together', async () => {
      await start(BEFORE, OTHERWISE);
      await publish([1, 2], BEFORE);
      await handled(2 * KEYS.length);
      await log.ensureTopic(topicOf('default', topic), { partitions: AFTER });
      await publish([3, 4], AFTER);
      await publishEnd(AFTER);
      await eventually(async () => (await counts()).length >= KEYS.length, 'all windows are closed');
      assert.deepEqual(
        await counts(),
        KEYS.map(() => 4),
        'counts of all windows',
      );
      assert.deepEqual(await letters(), []);
    });

    it('give up an event that is not where its key belongs', async () => {
      await start(BEFORE, BY);
      const strays = [
        { data: { key: '' }, partition: 0, time: at(1), id: 'without a key' },
        { data: { key: 'k0' }, partition: (partitionOf('k0', BEFORE) + 1) % BEFORE, time: at(1), id: 'elsewhere' },
      ];
      await publishAll(log, topic, strays);
      await eventually(async () => (await letters()).length === 2, 'both are dead letters');
      const found = (await letters()).map(({ eventId, error }) => [eventId, error?.message ?? ''] as const);
      assert.deepEqual(found.map(([id]) => id).sort(), ['elsewhere', 'without a key']);
      for (const [, message] of found) assert.match(message, /the window would be divided.*Write "by" in other words/);
    });
  });
