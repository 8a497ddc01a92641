// Topics that are shared with other clients of Kafka: what these write is read, and
// what is written they read.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Kafka as Oracle, CloudEvent as OracleEvent } from 'cloudevents';
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { fromRecord, toRecord } from '../../../../core/cloudevents/record.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { newName, readAll, record, textOf } from '../../../contract/event-log/subject.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { createClients } from './kafka-cases.ts';

const service = findService(kafka);

if (service)
  describe('Kafka shared with others', () => {
    const clients = createClients();
    const other = () =>
      new Kafka({ brokers: service.url().split(','), logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });
    let log: EventLog;
    let topic: string;
    const producers: Producer[] = [];
    const producer = async () => {
      const made = other().producer({ idempotent: true });
      await made.connect();
      producers.push(made);
      return made;
    };
    beforeEach(async () => {
      log = clients.open(service.url().split(','));
      topic = newName('topic');
      await log.ensureTopic(topic, { partitions: 1 });
    });
    afterEach(async () => {
      await clients.closeAll();
      await Promise.all(producers.splice(0).map(made => made.disconnect()));
    });

    /** The first messages as kafkajs reads them. */
    const consume = async (count: number) => {
      const consumer = other().consumer({ groupId: newName('group'), sessionTimeout: 6000, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const { promise, resolve } = Promise.withResolvers<void>();
      const messages: { key: string | null; value: string; headers: Record<string, string> }[] = [];
      await consumer.run({
        eachMessage: async ({ message: { key, value, headers } }) => {
          const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
          messages.push({ key: key && String(key), value: String(value), headers: Object.fromEntries(texts) });
          if (messages.length === count) resolve();
        },
      });
      await promise;
      await consumer.disconnect();
      return messages;
    };

    for (const compression of ['none', 'gzip'] as const)
      it(`writes events that others read, ${compression}`, async () => {
        const writer = clients.open(service.url().split(','), { compression });
        const event = {
          specversion: '1.0',
          id: 'a-1',
          source: '/orders',
          type: 'OrderCreated',
          subject: 'café ☕',
          datacontenttype: 'application/json',
          data: { total: 7, note: 'x'.repeat(2000) },
        } as const;
        await writer.append(topic, [toRecord(event, 'order-7'), toRecord({ ...event, id: 'a-2' }, null)]);
        const [first, second] = await consume(2);
        const read = Oracle.toEvent({ ...first!, body: first!.value });
        assert.ok(read instanceof OracleEvent);
        const { id, source, type, data, datacontenttype } = read;
        const { id: _, ...rest } = { ...event, id: 0 };
        assert.deepEqual(
          { id, source, type, data, datacontenttype, subject: decode(read.subject) },
          {
            id: 'a-1',
            source: rest.source,
            type: rest.type,
            data: rest.data,
            datacontenttype: rest.datacontenttype,
            subject: rest.subject,
          },
        );
        assert.equal(first!.key, 'order-7');
        assert.equal(second!.key, null);
        assert.deepEqual(
          (await readAll(log, topic, 0)).map(each => fromRecord(each).id),
          ['a-1', 'a-2'],
        );
      });

    it('reads zstd, which it can write itself', async () => {
      const writer = clients.open(service.url().split(','), { compression: 'zstd' });
      await writer.append(topic, [record('a', 'x'.repeat(10_000)), record('b', 'y')]);
      assert.deepEqual((await readAll(log, topic, 0)).map(textOf), ['x'.repeat(10_000), 'y']);
    });

    for (const codec of ['lz4', 'snappy', 'gzip', 'zstd'])
      it(`reads topics that are set to ${codec}`, async () => {
        const compressed = newName(codec);
        const writer = clients.open(service.url().split(','), { topics: { settings: { 'compression.type': codec } } });
        await writer.ensureTopic(compressed, { partitions: 1 });
        // Repetitions near and far, what cannot be compressed, and more than
        // one block of either format.
        const texts = [
          '',
          'a'.repeat(100),
          'xyz'.repeat(50_000),
          randomBytes(100_000).toString('hex'),
          `${Math.PI}`.repeat(999),
        ];
        await writer.append(
          compressed,
          texts.map(text => record('k', text)),
        );
        await writer.append(compressed, [record('k', randomBytes(70_000).toString('latin1'))]);
        const found = await readAll(log, compressed, 0);
        assert.deepEqual(found.slice(0, texts.length).map(textOf), texts);
        assert.equal(found.length, texts.length + 1);
      });

    for (const mode of ['binary', 'structured'] as const)
      it(`reads events that others write, ${mode}, compressed`, async () => {
        const event = new OracleEvent({
          id: 'b-1',
          source: '/legacy',
          type: 'Moved',
          datacontenttype: 'application/json',
          data: { to: 'here' },
        });
        const { headers, value } = Oracle[mode](event) as { headers: Record<string, string>; value: unknown };
        const given = Object.entries(headers).filter(([, text]) => text !== undefined);
        const made = await producer();
        await made.send({
          topic,
          compression: CompressionTypes.GZIP,
          messages: [
            {
              key: 'k',
              value: typeof value === 'string' ? value : JSON.stringify(value),
              headers: Object.fromEntries(
                given.map(([name, text]) => [name === 'ce_id' ? 'CE_ID' : name, String(text)]),
              ),
            },
          ],
        });
        const [read] = await readAll(log, topic, 0);
        const { id, source, type, data } = fromRecord(read!);
        assert.deepEqual(
          { id, source, type, data },
          { id: 'b-1', source: '/legacy', type: 'Moved', data: { to: 'here' } },
        );
      });

    it('reads no records with null for empty ones, and no record twice', async () => {
      const made = await producer();
      await made.send({
        topic,
        messages: [
          { key: 'gone', value: null },
          { key: null, value: 'v' },
        ],
      });
      const found = await readAll(log, topic, 0);
      assert.deepEqual(
        found.map(({ key, value }) => [key, value.byteLength]),
        [
          ['gone', 0],
          [null, 1],
        ],
      );
    });
  });

/** The binding of the package leaves the escapes of the wire in place. */
function decode(subject: string | undefined): string {
  return decodeURIComponent(subject ?? '');
}
