// What the appender keeps of partitions: as long as their topics are there, and not much longer.
import assert from 'node:assert/strict';
import { realWorld, type World } from '../../../../../core/world.ts';
import { Cluster } from '../../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { KafkaAppender } from '../../../../../drivers/event-log/kafka/produce/appender.ts';
import { newName, readAll, record, textOf } from '../../../../contract/event-log/subject.ts';
import { eventually } from '../../../../eventually.ts';
import { kafka } from '../../../../services/kafka.ts';
import { findService } from '../../../../services/service.ts';
import { createClients } from '../kafka-cases.ts';

const service = findService(kafka);
if (service)
  describe('the appender to Kafka', () => {
    const clients = createClients();
    let cluster: Cluster | undefined;
    afterEach(async () => {
      cluster?.close();
      await clients.closeAll();
    });

    const open = (world: World): KafkaAppender => {
      const connection = { brokers: service.url().split(',') };
      cluster = new Cluster({ world, connection, requestTimeoutMs: 120_000, log: () => {} });
      return new KafkaAppender({
        cluster,
        epochs: () => ({ firstOffsetOf: () => 0, learn: async () => 0 }),
        compression: 'none',
        maxPendingBytes: 1 << 20,
        deliveryTimeoutMs: 120_000,
      });
    };

    it('keeps all that it acknowledges in a topic that is made again before it hears of that', async () => {
      const log = clients.open(service.url().split(','));
      const appender = open(realWorld);
      const name = newName('topic');
      for (let again = 0; again < 3; again++) {
        await log.ensureTopic(name, { partitions: 1 });
        await cluster?.refresh();
        await log.deleteTopic(name);
        await eventually(async () => !(await log.topics()).some(topic => topic.name === name), 'it is gone');
        await log.ensureTopic(name, { partitions: 1 });
        await log.append(name, [record('k', 'of another')]);
        // Brokers do not look at ids when something is appended.
        await appender.append(name, [record('k', 'early')]);
        await cluster?.refresh();
        await appender.append(name, [record('k', 'late')]);
        const there = (await readAll(log, name, 0)).map(textOf);
        assert.deepEqual(there, ['of another', 'early', 'late']);
        await log.deleteTopic(name);
        await eventually(async () => !(await log.topics()).some(topic => topic.name === name), 'it is gone');
      }
    });

    it('forgets partitions of topics that were deleted, and only those', async () => {
      const log = clients.open(service.url().split(','));
      let later = 0;
      const world: World = { ...realWorld, monotonic: () => realWorld.monotonic() + later };
      const appender = open(world);
      const make = async (partitions: number) => {
        const name = newName('topic');
        await log.ensureTopic(name, { partitions });
        await cluster?.refresh();
        return name;
      };
      const fill = (name: string, partitions: number, text: string) =>
        appender.append(
          name,
          Array.from({ length: partitions }, (_, partition) => record('k', text, { partition })),
        );
      const kept = await make(3);
      await fill(kept, 3, '1');
      for (let round = 0; round < 3; round++) {
        const gone = await make(4);
        await fill(gone, 4, 'x');
        await log.deleteTopic(gone);
        await cluster?.refresh();
      }
      const another = async () => {
        const name = await make(1);
        await fill(name, 1, 'x');
        return name;
      };
      await another();
      assert.equal(appender.remembered, 3 + 12 + 1, 'they may only not be known to a broker');
      later += 61_000;
      await another();
      assert.equal(appender.remembered, 3 + 2);
      await fill(kept, 3, '2');
      for (let partition = 0; partition < 3; partition++)
        assert.deepEqual((await readAll(log, kept, partition)).map(textOf), ['1', '2'], 'sequences go on');
    });
  });
