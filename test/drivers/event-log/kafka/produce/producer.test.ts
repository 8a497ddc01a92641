// Who appends, in the eyes of the brokers: another one after each batch of which nobody knows what
// has become of it, so that nothing of it comes later.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../../core/world.ts';
import { crc32c } from '../../../../../drivers/crc32c.ts';
import { Cluster } from '../../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { createKafkaCounts, type KafkaCounts } from '../../../../../drivers/event-log/kafka/counts.ts';
import { FAULT } from '../../../../../drivers/event-log/kafka/kafka-error.ts';
import { fetchRequest } from '../../../../../drivers/event-log/kafka/wire/fetch.ts';
import { produceRequest } from '../../../../../drivers/event-log/kafka/wire/produce.ts';
import { newName, readAll, record, rejectsWith, textOf } from '../../../../contract/event-log/subject.ts';
import { eventually } from '../../../../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../../../../services/kafka.ts';
import { startProxy, type TcpProxy } from '../../../../services/proxy.ts';
import { findService } from '../../../../services/service.ts';
import { createClients } from '../kafka-cases.ts';

/** Sizes and places in a record batch (KIP-98). */
const [PREFIX, SIZE_AT, CRC_AT, ATTRIBUTES_AT, PRODUCER_AT, EPOCH_AT, SEQUENCE_AT] = [12, 8, 17, 21, 43, 51, 53];
const LOG_APPEND_TIME = 1 << 3;

interface SentBatch {
  readonly producer: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly bytes: Buffer;
}

/** As it was before the broker gave it an offset and a time. */
function asSent(batch: Buffer): Buffer {
  const bytes = Buffer.from(batch);
  bytes.writeBigInt64BE(0n);
  bytes.writeInt16BE(bytes.readInt16BE(ATTRIBUTES_AT) & ~LOG_APPEND_TIME, ATTRIBUTES_AT);
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT), CRC_AT);
  return bytes;
}

if (findService(kafka))
  describe('the producer of Kafka', () => {
    const clients = createClients();
    let broker: KafkaCluster;
    let proxy: TcpProxy;
    let direct: Cluster;
    let topic: string;
    let counts: KafkaCounts;
    const brokers = () => [`127.0.0.1:${proxy.port}`];
    before(async () => {
      proxy = await startProxy(1);
      broker = await startKafka({ advertised: () => proxy.port });
      proxy.lead(broker.nodes[0]!.port);
      topic = newName('first');
      const isReady = () => clients.open(brokers()).ensureTopic(topic, { partitions: 1 });
      await eventually(
        () =>
          isReady().then(
            () => true,
            () => false,
          ),
        'it is ready',
      );
    });
    after(async () => {
      await broker?.stop();
      await proxy?.close();
    });
    beforeEach(async () => {
      topic = newName('topic');
      counts = createKafkaCounts();
      await clients.open(brokers()).ensureTopic(topic, { partitions: 1 });
      direct = new Cluster({
        world: realWorld,
        connection: { brokers: brokers() },
        requestTimeoutMs: 120_000,
        log() {},
      });
    });
    afterEach(async () => {
      direct.close();
      await clients.closeAll();
    });

    /** As they lie in the log. */
    const batches = async (): Promise<SentBatch[]> => {
      const wanted = [{ topic, partition: 0, from: 0, maxBytes: 1 << 20 }];
      const request = fetchRequest(wanted, { waitMs: 100, maxBytes: 1 << 20 });
      const { partitions } = await (await direct.anyBroker()).ask(request);
      const found: SentBatch[] = [];
      let data = partitions[0]?.data ?? Buffer.alloc(0);
      while (data.length > PREFIX) {
        const bytes = data.subarray(0, PREFIX + data.readInt32BE(SIZE_AT));
        found.push({
          producer: String(bytes.readBigInt64BE(PRODUCER_AT)),
          epoch: bytes.readInt16BE(EPOCH_AT),
          sequence: bytes.readInt32BE(SEQUENCE_AT),
          bytes,
        });
        data = data.subarray(bytes.length);
      }
      return found;
    };
    const texts = async () => (await readAll(clients.open(brokers()), topic, 0)).map(textOf);

    it('is another one after an append failed of which no answer came, whose batch no broker takes any more', async () => {
      const log = clients.open(brokers(), { requestTimeoutMs: 2000, deliveryTimeoutMs: 5000, counts });
      await log.append(topic, [record('key', 'first')]);
      proxy.keepAnswers(true);
      const sent = proxy.sent();
      const doubtful = log.append(topic, [record('key', 'doubtful')]);
      await sent;
      await rejectsWith('log-unavailable', doubtful);
      proxy.keepAnswers(false);
      proxy.cut();
      await eventually(async () => (await log.health()).ok, 'it is healthy');
      assert.equal(counts.renewed, 1);
      assert.ok(counts.lost.silent > 0, JSON.stringify(counts));
      await log.append(topic, [record('key', 'next')]);
      const there = await texts();
      assert.deepEqual(there, ['first', 'doubtful', 'next'], 'once, and in its place');

      const [first, second, third] = await batches();
      assert.ok(first && second && third);
      assert.deepEqual([second.producer, second.epoch, second.sequence], [first.producer, first.epoch, 1]);
      assert.notDeepEqual([third.producer, third.epoch], [first.producer, first.epoch]);
      assert.equal(third.sequence, 0);
      // As from a connection on which it was held up.
      const late = [{ topic, partition: 0, bytes: asSent(second.bytes) }];
      const [answer] = await (await direct.anyBroker()).ask(produceRequest(late, 2000));
      assert.equal(answer?.error, FAULT.invalidProducerEpoch);
      assert.deepEqual(await texts(), there);
    });

    it('stays the same while the answer comes to another attempt, and is told what it sent before', async () => {
      const log = clients.open(brokers(), { counts });
      await log.append(topic, [record('key', '0')]);
      for (let number = 1; number <= 5; number++) {
        proxy.keepAnswers(true);
        const sent = proxy.sent();
        const appended = log.append(topic, [record('key', String(number))]);
        await sent;
        proxy.keepAnswers(false);
        proxy.cut();
        await appended;
      }
      assert.deepEqual(await texts(), ['0', '1', '2', '3', '4', '5']);
      const all = await batches();
      assert.deepEqual(
        all.map(({ sequence }) => sequence),
        [0, 1, 2, 3, 4, 5],
      );
      assert.equal(new Set(all.map(({ producer, epoch }) => `${producer} ${epoch}`)).size, 1);
      assert.equal(counts.renewed, 0);
      assert.ok(counts.lost.cut > 0, JSON.stringify(counts));
    });

    it('leaves nothing out and doubles nothing of what many append while answers are lost again and again', async () => {
      const log = clients.open(brokers(), { requestTimeoutMs: 300, deliveryTimeoutMs: 600, counts });
      const acknowledged = new Set<string>();
      const failed = new Set<string>();
      let isOver = false;
      const write = async (writer: number) => {
        for (let number = 0; !isOver; number++) {
          const text = `${writer}:${number}`;
          await log.append(topic, [record(`key ${writer}`, text)]).then(
            () => acknowledged.add(text),
            () => failed.add(text),
          );
          await new Promise(resolve => setTimeout(resolve, 5));
        }
      };
      const writers = Array.from({ length: 5 }, (_, writer) => write(writer));
      for (let round = 0; counts.renewed < 3; round++) {
        assert.ok(round < 30, `only ${counts.renewed} renewed`);
        const before = acknowledged.size;
        await eventually(() => acknowledged.size > before + 20, 'appends go on');
        proxy.keepAnswers(true);
        const failures = failed.size;
        await eventually(() => failed.size > failures, 'some fail');
        proxy.keepAnswers(false);
        proxy.cut();
      }
      const before = acknowledged.size;
      await eventually(() => acknowledged.size > before + 20, 'appends go on');
      isOver = true;
      await Promise.all(writers);
      const there = await texts();
      assert.equal(new Set(there).size, there.length, 'nothing is there twice');
      assert.deepEqual(
        [...acknowledged].filter(text => !there.includes(text)),
        [],
      );
      for (let writer = 0; writer < 5; writer++) {
        const numbers = there.filter(text => text.startsWith(`${writer}:`)).map(text => Number(text.split(':')[1]));
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
          'in the order in which they were sent',
        );
      }
    });
  });
