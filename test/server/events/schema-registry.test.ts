// A topic of Kafka whose data is in Avro, Protocol Buffers or JSON with a schema, over a real
// broker and registry, with the client of kafkajs for both as the other team.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SchemaRegistry as Oracle, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { fromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { createSharedLog, type SharedLog } from '../../../drivers/event-log/shared/shared-log.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createTopicSharings } from '../../../server/events/topics/topic-sharings.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { newName, readAll, rejectsWith, take } from '../../contract/event-log/subject.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { kafka } from '../../services/kafka.ts';
import { registerSchema, registry, startRegistry } from '../../services/registry.ts';
import { findService } from '../../services/service.ts';

const brokers = findService(kafka);
const schemas = findService(registry);
const brokerUrls = () => (brokers ?? assert.fail('Kafka is not here.')).url().split(',');
const registryUrl = () => (schemas ?? assert.fail('The registry is not here.')).url();

const AVRO = JSON.stringify({
  type: 'record',
  name: 'Payment',
  namespace: 'billing',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'cents', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
});
const PROTO =
  'syntax = "proto3"; package billing; message Payment { string id = 1; int32 cents = 2; string note = 3; }';
const JSON_SCHEMA = JSON.stringify({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { id: { type: 'string' }, cents: { type: 'integer' }, note: { type: 'string' } },
  required: ['id', 'cents'],
});
const PAYMENT = { id: 'p1', cents: 250, note: 'x' };
const FORMATS = [
  { format: 'avro', schema: AVRO, type: SchemaType.AVRO, contentType: 'application/avro' },
  { format: 'protobuf', schema: PROTO, type: SchemaType.PROTOBUF, contentType: 'application/protobuf' },
  { format: 'json', schema: JSON_SCHEMA, type: SchemaType.JSON, contentType: 'application/octet-stream' },
] as const;

const clients = createClients();
const transport = createTransport({
  checkAddress: createAddressCheck({ allowLoopback: true }),
  connectTimeoutMs: 2000,
});
const secrets = new Map<string, Record<string, string>>();
let topic: string;
const closing: (() => unknown)[] = [];

/** As a platform has it, from a Topic on. */
const open = (format: string, url = registryUrl(), more = ''): SharedLog => {
  const yaml = `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: payments }\nspec: { external: true, kafka: { topic: ${topic} }, encoding: { format: ${format}, registry: { url: "${url}"${more} } } }\n`;
  const { resources, problems } = loadText('app.yaml', yaml);
  assert.deepEqual(problems, []);
  const log = createSharedLog(clients.open(brokerUrls()));
  const sharings = createTopicSharings({ world: realWorld, transport, secrets: (_, name) => secrets.get(name) });
  log.share(sharings.of(createResourceSet(resources)));
  return log;
};
const send = async (messages: Message[]) => {
  const producer = new Kafka({ brokers: brokerUrls(), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
};
const event = (data: unknown) =>
  toRecord(
    { specversion: '1.0', id: 'e1', source: '/s', type: 'Paid', datacontenttype: 'application/json', data },
    'k',
  );
const dataOf = (record: LogRecord | undefined) => record && fromRecord(record).data;

if (brokers && schemas)
  describe('topics with a schema registry', () => {
    after(() => transport.destroy());
    afterEach(async () => {
      await clients.closeAll();
      for (const close of closing.splice(0)) await close();
    });
    beforeEach(async () => {
      topic = newName('payments');
      await clients.open(brokerUrls()).ensureTopic(topic, { partitions: 1 });
    });

    describeFormats();
    describeRegistry();
    describeSchemas();
  });

function describeFormats(): void {
  for (const { format, schema, type, contentType } of FORMATS) {
    it(`reads what others write, and they read what is written: ${format}`, async () => {
      const oracle = new Oracle({ host: registryUrl() });
      const encoded = async (number: number) => {
        const bytes = await oracle.encode(number, PAYMENT);
        // Its client leaves out which message of the schema it is: Confluent's
        // own write a 0 for the first.
        return format === 'protobuf'
          ? Buffer.concat([bytes.subarray(0, 5), Buffer.from([0]), bytes.subarray(5)])
          : bytes;
      };
      const id = await registerSchema(registryUrl(), `${topic}-value`, { schema, schemaType: type });
      await send([
        { key: 'k', value: await encoded(id) },
        { key: 'k', value: JSON.stringify(PAYMENT) },
        {
          key: 'k',
          value: await encoded(id),
          headers: { ce_specversion: '1.0', ce_id: 'i', ce_source: '/s', ce_type: 't', 'content-type': contentType },
        },
        { key: 'k', value: null },
      ]);
      const log = open(format);
      const found = await readAll(log, topic, 0);
      assert.deepEqual(found.slice(0, 3).map(dataOf), [PAYMENT, PAYMENT, PAYMENT]);
      const [first, , third, fourth] = found.map(record => fromRecord(record));
      const dataschema = `${registryUrl()}/schemas/ids/${id}`;
      assert.deepEqual([first?.id, first?.type, first?.dataschema], ['0-0', 'payments', dataschema]);
      assert.deepEqual(
        [third?.id, third?.type, third?.dataschema, third?.datacontenttype],
        ['i', 't', dataschema, 'application/json'],
      );
      assert.equal(fourth?.['tenfoldtombstone'], 'true');

      await log.append(topic, [event({ id: 'p2', cents: 7, note: 'y' })]);
      assert.deepEqual(dataOf((await readAll(log, topic, 0)).at(-1)), { id: 'p2', cents: 7, note: 'y' });
      const raw = (await readAll(clients.open(brokerUrls()), topic, 0)).at(-1)!;
      const read = await oracle.decode(Buffer.from(raw.value));
      assert.deepEqual(JSON.parse(JSON.stringify(read)), { id: 'p2', cents: 7, note: 'y' });
      assert.deepEqual([raw.headers['content-type'], raw.headers['ce_dataschema']], [contentType, dataschema]);
    });

    it(`refuses data that does not match, with its place: ${format}`, async () => {
      await registerSchema(registryUrl(), `${topic}-value`, { schema, schemaType: type });
      const log = open(format);
      for (const data of [{ id: 'p', cents: 'x' }, [], 'text'])
        await rejectsWith('invalid-input', log.append(topic, [event(data)]));
      await rejectsWith(
        'unsupported-media-type',
        log.append(topic, [{ ...event('x'), headers: { 'content-type': 'text/plain' } }]),
      );
      assert.deepEqual((await log.bounds(topic))?.[0]?.end, 0);
    });
  }
}

function describeRegistry(): void {
  it('sets aside what no schema can be found for, and what is not of its schema, with the reason', async () => {
    const id = await registerSchema(registryUrl(), `${topic}-value`, { schema: AVRO });
    const framed = (number: number, ...bytes: number[]) => {
      const frame = Buffer.from([0, 0, 0, 0, 0, ...bytes]);
      frame.writeUInt32BE(number, 1);
      return frame;
    };
    const values = [framed(4_000_000, 1), framed(id, 200), Buffer.from('garbage'), framed(id, 2, 97, 2, 0)];
    await send(values.map(value => ({ key: 'k', value })));
    const found = await readAll(open('avro'), topic, 0);
    const reasons = found.slice(0, 3).map(({ headers }) => headers['tenfold-unreadable']);
    assert.match(reasons[0] ?? '', /schema 4000000 of its data is not in the schema registry/);
    assert.match(reasons[1] ?? '', /not of schema \d+: it ends too early/);
    assert.match(reasons[2] ?? '', /does not begin with the number of a schema/);
    assert.deepEqual(
      found.slice(0, 3).map(({ value }) => Buffer.from(value)),
      values.slice(0, 3),
    );
    assert.deepEqual(dataOf(found[3]), { id: 'a', cents: 1, note: null });
  });

  it('waits for a registry that is away, and then reads on where it was', async () => {
    const port = (await freePorts(1))[0] ?? 0;
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    const log = open('avro', url);
    // Written by others while theirs was there: its number will be 1 again.
    await send([1, 2, 3].map(cents => ({ key: 'k', value: Buffer.from([0, 0, 0, 0, 1, 2, 97, 2 * cents, 0]) })));
    const owned = Promise.withResolvers<OwnedPartition>();
    const member = await log.join({ group: newName('group'), topics: [topic], assigned: owned.resolve });
    const reader = (await owned.promise).open(topic, 0);
    await rejectsWith('log-unavailable', reader.next({ maxRecords: 10, maxBytes: 1 << 20 }));
    await rejectsWith('log-unavailable', log.append(topic, [event({ id: 'a', cents: 9 })]));
    const own = await startRegistry(port);
    closing.push(() => own.stop());
    await registerSchema(own.url, `${topic}-value`, { schema: AVRO });
    const next = async (): Promise<LogRecord[]> => take(reader, 3).catch(() => next());
    assert.deepEqual(
      (await next()).map(record => (dataOf(record) as { cents: number }).cents),
      [1, 2, 3],
    );
    await member.leave();
  });

  it('proves who it is with what the Secret holds now, and says what is missing', async () => {
    const asked: (string | undefined)[] = [];
    const guard = await listenFor(`Basic ${Buffer.from('user:s3cret').toString('base64')}`, registryUrl(), asked);
    closing.push(() => guard.server.close());
    await registerSchema(registryUrl(), `${topic}-value`, { schema: AVRO });
    const log = open('avro', guard.url, ', credentials: reader');
    const append = () => log.append(topic, [event({ id: 'a', cents: 9 })]);
    await assert.rejects(append(), /The Secret reader is not there/);
    secrets.set('reader', { username: 'user', password: 'wrong' });
    await pause();
    await assert.rejects(append(), /refuses us \(status 401\)/);
    secrets.set('reader', { username: 'user', password: 's3cret' });
    await pause();
    await append();
    assert.equal(asked.length, 2);
  });
}

function describeSchemas(): void {
  it('says when there is no schema to write with, or one of another kind', async () => {
    await assert.rejects(open('avro').append(topic, [event(PAYMENT)]), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'not-ready');
      assert.match(error.message, /schema payments-.*-value is not in the schema registry/);
      return true;
    });
    await registerSchema(registryUrl(), `${topic}-value`, { schema: PROTO, schemaType: 'PROTOBUF' });
    await assert.rejects(open('avro').append(topic, [event(PAYMENT)]), /is of the type PROTOBUF, not avro/);
  });

  it('uses schemas that refer to others, in subjects of their own', async () => {
    const money = newName('money');
    await registerSchema(registryUrl(), money, {
      schema: JSON.stringify({
        type: 'record',
        name: 'Money',
        namespace: 'c',
        fields: [{ name: 'cents', type: 'int' }],
      }),
    });
    const subject = newName('orders');
    await registerSchema(registryUrl(), subject, {
      schema: JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'total', type: 'c.Money' }] }),
      references: [{ name: 'c.Money', subject: money, version: 1 }],
    });
    const log = open('avro', registryUrl(), `, subject: ${subject}`);
    await log.append(topic, [event({ total: { cents: 5 } })]);
    assert.deepEqual(dataOf((await readAll(log, topic, 0))[0]), { total: { cents: 5 } });
  });

  it('keeps the order of appends while schemas are looked up', async () => {
    await registerSchema(registryUrl(), `${topic}-value`, { schema: AVRO });
    const log = open('avro');
    await Promise.all(Array.from({ length: 20 }, (_, cents) => log.append(topic, [event({ id: 'a', cents })])));
    const read = (await readAll(log, topic, 0)).map(record => (dataOf(record) as { cents: number }).cents);
    assert.deepEqual(
      read,
      Array.from({ length: 20 }, (_, cents) => cents),
    );
  });
}

/** Longer than the registry is left alone after it did not answer as it should. */
const pause = () => new Promise(resolve => setTimeout(resolve, 600));

/** In front of the registry, asks for credentials, as such registries have it. */
async function listenFor(
  wanted: string,
  url: string,
  asked: (string | undefined)[],
): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    asked.push(request.headers.authorization);
    if (request.headers.authorization !== wanted) return void response.writeHead(401).end();
    const answer = await fetch(new URL(url).origin + request.url);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}` };
}
