// Topics to which other clients of Kafka write in transactions.
import assert from 'node:assert/strict';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, OwnedPartition } from '../../../../drivers/event-log/event-log.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { createTopicEvents } from '../../../../server/events/topics/topic-events.ts';
import { newName, readAll, record, textOf } from '../../../contract/event-log/subject.ts';
import { eventually } from '../../../eventually.ts';
import { fakeResource } from '../../../fakes/platform-view.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { createClients } from './kafka-cases.ts';

const service = findService(kafka);

if (service)
  describe('transactions of others in Kafka', () => {
    const clients = createClients();
    let log: EventLog;
    let topic: string;
    let made: Producer;
    beforeEach(async () => {
      const brokers = service.url().split(',');
      log = clients.open(brokers);
      topic = newName('topic');
      await log.ensureTopic(topic, { partitions: 1 });
      made = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } }).producer({
        idempotent: true,
        transactionalId: newName('transaction'),
        maxInFlightRequests: 1,
      });
      await made.connect();
    });
    afterEach(async () => {
      await clients.closeAll();
      await made.disconnect();
    });
    const run = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await made.transaction();
      await transaction.send({ topic, messages: [{ key: 'k', value }] });
      await transaction[end]();
    };

    it('are read where they were committed, and nothing else', async () => {
      await run('1', 'commit');
      await run('2', 'abort');
      await run('3', 'commit');
      await log.append(topic, [record('k', '4')]);
      assert.deepEqual((await readAll(log, topic, 0)).map(textOf), ['1', '3', '4']);
    });

    it('do not keep a list of events from its end while they are open', async () => {
      await log.append(topic, [record('k', '1')]);
      const transaction = await made.transaction();
      await transaction.send({ topic, messages: [{ key: 'k', value: '2' }] });
      await log.append(topic, [record('k', '3')]);
      const list = async (from: string) => {
        const resources = createResourceSet([
          fakeResource('Topic', 'orders', { spec: { kafka: { topic } } } as object),
        ]);
        const events = createTopicEvents({ world: realWorld, log, resources: () => resources });
        return events.list('default', 'orders', { from, limit: 10 }, new AbortController().signal);
      };
      const first = await list('earliest');
      assert.deepEqual([first.items.map(({ offset }) => offset), first.ended], [[0], 'end']);
      await transaction.abort();
      await eventually(async () => (await list(first.position)).items.length > 0, 'what lies behind it is there');
      assert.deepEqual(
        (await list(first.position)).items.map(({ offset }) => offset),
        [2],
      );
    });

    for (const [end, from] of [
      ['commit', 1],
      ['abort', 0],
    ] as const)
      it(`let a reader pass their end, ${end}`, async () => {
        await run('v', end);
        const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
        const member = await log.join({ group: newName('group'), topics: [topic], assigned: resolve });
        const reader = (await promise).open(topic, from);
        const { records, next, bounds } = await reader.next({ maxRecords: 10, maxBytes: 1000 });
        assert.deepEqual(records, []);
        assert.equal(next, 2);
        assert.equal(bounds.end, 2);
        await member.leave();
      });
  });
