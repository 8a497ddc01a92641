// The observer of chaos sees all records of a topic, those too that come
// while it reads, and each once.
import assert from 'node:assert/strict';
import { Kafka, logLevel } from 'kafkajs';
import { topicOf } from '../../../core/names.ts';
import { newName, record } from '../../contract/event-log/subject.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { openRecords } from './records.ts';

const service = findService(kafka);

if (service)
  describe('the observer of chaos', () => {
    const clients = createClients();
    after(() => clients.closeAll());

    it('reads what is there by partition, and later what has come', async () => {
      const addresses = service.url().split(',');
      const log = clients.open(addresses);
      const namespace = newName('seen');
      const topic = topicOf(namespace, 'events');
      await log.ensureTopic(topic, { partitions: 3 });
      const write = (from: number, count: number) =>
        Promise.all(
          Array.from({ length: count }, (_, index) =>
            log.append(topic, [{ ...record(`k${index}`, `"${from + index}"`), headers: { ce_id: `${from + index}` } }]),
          ),
        );
      const records = openRecords({ namespace, brokers: { addresses } });
      try {
        assert.deepEqual(await records.of('events'), []);
        await write(0, 200);
        assert.equal((await records.of('events')).length, 200);
        await write(200, 50);
        const partitions = await records.byPartition('events');
        assert.equal(partitions.length, 3);
        for (const each of partitions)
          assert.deepEqual(
            each.map(({ offset }) => offset),
            each.map((_, index) => (each[0]?.offset ?? 0) + index),
          );
        const ids = partitions.flatMap(each => each.map(({ headers }) => Number(headers['ce_id'])));
        assert.deepEqual(
          ids.sort((one, other) => one - other),
          Array.from({ length: 250 }, (_, index) => index),
        );
      } finally {
        await records.close();
      }
    });

    it('reads on where its group gives its partitions to somebody else', async () => {
      const addresses = service.url().split(',');
      const log = clients.open(addresses);
      const namespace = newName('stalled');
      const topic = topicOf(namespace, 'events');
      await log.ensureTopic(topic, { partitions: 4 });
      const records = openRecords({ namespace, brokers: { addresses } }, 'observer', 500);
      const kafka = new Kafka({ clientId: 'other', brokers: [...addresses], logLevel: logLevel.NOTHING });
      const other = kafka.consumer({ groupId: `observer-of-${topic}` });
      try {
        assert.deepEqual(await records.of('events'), []);
        await other.connect();
        await other.subscribe({ topic });
        const taken = new Promise(resolve => other.on('consumer.group_join', resolve));
        await other.run({ eachMessage: async () => {} });
        await taken;
        await Promise.all(
          Array.from({ length: 100 }, (_, index) => log.append(topic, [record(`k${index}`, `"${index}"`)])),
        );
        assert.equal((await records.of('events')).length, 100);
      } finally {
        await other.disconnect();
        await records.close();
      }
    });
  });
