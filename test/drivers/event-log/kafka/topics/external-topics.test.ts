// Topics of others over a real broker: what kafkajs and the CloudEvents package write is read, what
// is written they read, and nothing of theirs is touched.
import assert from 'node:assert/strict';
import { Kafka as Oracle, CloudEvent as OracleEvent } from 'cloudevents';
import { Kafka, logLevel, type Message } from 'kafkajs';
import type { CloudEvent } from '../../../../../core/cloudevents/cloud-event.ts';
import { fromRecord, toRecord } from '../../../../../core/cloudevents/record.ts';
import type { OwnedPartition } from '../../../../../drivers/event-log/event-log.ts';
import { withTopicPrefix } from '../../../../../drivers/event-log/kafka/topics/topic-prefix.ts';
import { createSharedLog, type SharedLog } from '../../../../../drivers/event-log/shared/shared-log.ts';
import type { TopicSharing } from '../../../../../drivers/event-log/shared/topic-sharing.ts';
import { newName, readAll, rejectsWith, take } from '../../../../contract/event-log/subject.ts';
import { kafka } from '../../../../services/kafka.ts';
import { findService } from '../../../../services/service.ts';
import { createClients } from '../kafka-cases.ts';

const service = findService(kafka);
const brokers = () => (service ?? assert.fail('Kafka is not here.')).url().split(',');
const SHARING: TopicSharing = {
  external: true,
  literal: true,
  source: '/topics/orders',
  type: 'orders',
  contentMode: 'binary',
  codec: undefined,
};
const TIME = '2026-01-31T12:00:00.000Z';
/** Without what a reader adds or the wire leaves out. */
const plain = (event: object) => JSON.parse(JSON.stringify(event));

const clients = createClients();
const other = () => new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });
let topic: string;
let prefix: string;
const open = (sharing: Partial<TopicSharing> = {}): SharedLog => {
  const log: SharedLog = createSharedLog(
    withTopicPrefix(clients.open(brokers()), prefix, name => log.sharingOf(name)?.literal === true),
  );
  log.share(new Map([[topic, { ...SHARING, ...sharing }]]));
  return log;
};
const send = async (messages: Message[]) => {
  const producer = other().producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
};
const admin = async <T>(run: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
  const made = other().admin();
  await made.connect();
  try {
    return await run(made);
  } finally {
    await made.disconnect();
  }
};

const EVENTS: readonly CloudEvent[] = [
  {
    specversion: '1.0',
    id: '1',
    source: '/s',
    type: 'T',
    subject: 'a b',
    time: TIME,
    datacontenttype: 'application/json',
    data: { total: 7 },
  },
  { specversion: '1.0', id: '2', source: '/s', type: 'T', time: TIME, datacontenttype: 'text/plain', data: 'text' },
  { specversion: '1.0', id: '3', source: '/s', type: 'T', time: TIME, comexample: 'x' },
];

if (service)
  describe('topics of others in Kafka', () => {
    beforeEach(async () => {
      topic = newName('others');
      prefix = `${newName('installation')}.`;
      const created = {
        topic,
        numPartitions: 1,
        replicationFactor: 1,
        configEntries: [{ name: 'cleanup.policy', value: 'delete' }],
      };
      await admin(made => made.createTopics({ waitForLeaders: true, topics: [created] }));
    });
    afterEach(() => clients.closeAll());

    describeEvents();
    describeNames();
  });

function describeEvents(): void {
  it('reads what others wrote, be it an event or not, alone and through a group', async () => {
    await send([
      { key: 'k', value: '{"a":1}', headers: { 'X-Other': 'z' } },
      { key: null, value: Buffer.from([0xff, 0]) },
      { key: 'gone', value: null },
      { key: Buffer.from([0xff, 1]), value: 'text' },
      { key: 'bad', value: '{', headers: { 'content-type': 'application/cloudevents+json' } },
      { key: 'ok', value: '1', headers: { ce_specversion: '1.0', ce_id: 'i', ce_source: '/s', ce_type: 't' } },
    ]);
    const log = open();
    const found = await readAll(log, topic, 0);
    const owned = Promise.withResolvers<OwnedPartition>();
    const member = await log.join({ group: newName('group'), topics: [topic], assigned: owned.resolve });
    const reader = (await owned.promise).open(topic, 0);
    assert.deepEqual(await take(reader, 6), found);
    await member.leave();
    const events = found.filter((_, index) => index !== 4).map(record => fromRecord(record));
    const times = found.map(({ timestamp }) => new Date(timestamp).toISOString());
    const like = { specversion: '1.0', source: '/topics/orders', type: 'orders' };
    assert.deepEqual(events, [
      { ...like, id: '0-0', time: times[0], partitionkey: 'k', datacontenttype: 'application/json', data: { a: 1 } },
      {
        ...like,
        id: '0-1',
        time: times[1],
        datacontenttype: 'application/octet-stream',
        data: Buffer.from([0xff, 0]),
      },
      { ...like, id: '0-2', time: times[2], partitionkey: 'gone', tenfoldtombstone: 'true' },
      {
        ...like,
        id: '0-3',
        time: times[3],
        partitionkey: 'base64:/wE=',
        datacontenttype: 'text/plain',
        data: 'text',
      },
      { specversion: '1.0', id: 'i', source: '/s', type: 't', data: Buffer.from('1') },
    ]);
    assert.throws(() => fromRecord(found[4]!), /cannot be read/);
    assert.equal(Buffer.from(found[4]!.value).toString(), '{');
  });

  for (const contentMode of ['binary', 'structured'] as const) {
    it(`writes events that the CloudEvents package reads, ${contentMode}`, async () => {
      const log = open({ contentMode });
      await log.append(
        topic,
        EVENTS.map(event => toRecord(event, 'k')),
      );
      const found = await clients.open(brokers()).read(topic, 0, 0, { maxRecords: 10, maxBytes: 1 << 20 });
      for (const [index, { headers, value, key }] of found.records.entries()) {
        const text = Buffer.from(value).toString();
        // The package refuses values that are empty, which the binding allows.
        if (text === '') continue;
        const read = Oracle.toEvent({
          headers,
          body: text,
          value: text,
          key,
          timestamp: '0',
        } as never) as OracleEvent;
        // The package makes the key an attribute, as the binding says.
        assert.deepEqual(plain(read), { ...plain(EVENTS[index]!), partitionkey: 'k' });
        assert.equal(headers['ce_id'], contentMode === 'binary' ? EVENTS[index]!.id : undefined);
        assert.equal(key, 'k');
      }
      assert.deepEqual(
        (await readAll(log, topic, 0)).map(record => fromRecord(record)),
        EVENTS,
      );
    });

    it(`reads events that the CloudEvents package writes, ${contentMode}`, async () => {
      const messages = EVENTS.map(event => {
        const { headers, value, key } = Oracle[contentMode](new OracleEvent(event as never)) as unknown as Message;
        const given = Object.entries(headers ?? {}).filter(([, text]) => text !== undefined);
        const body =
          value === undefined || value === null || typeof value === 'string' ? (value ?? null) : JSON.stringify(value);
        return {
          key: key ?? null,
          value: body,
          headers: Object.fromEntries(given.map(([name, text]) => [name, String(text)])),
        };
      });
      await send(messages);
      const read = (await readAll(open(), topic, 0)).map(record => fromRecord(record));
      assert.deepEqual(
        read.map(({ tenfoldtombstone: _, ...event }) => plain(event)),
        EVENTS.map(event => plain(event)),
      );
    });
  }
}

function describeNames(): void {
  it('makes, changes, trims and deletes nothing of others', async () => {
    const log = open();
    await log.append(topic, [toRecord(EVENTS[0]!, 'k')]);
    const settings = () => admin(made => made.fetchTopicOffsets(topic));
    const before = await settings();
    await rejectsWith('conflict', log.ensureTopic(topic, { partitions: 3, retentionMs: 60_000 }));
    await rejectsWith('conflict', log.trim(topic, 0, 1));
    await rejectsWith('conflict', log.deleteTopic(topic));
    assert.deepEqual(await settings(), before);
  });

  it('keeps what is ours under the prefix and out of the way of other installations', async () => {
    const [one, own] = [open(), newName('own')];
    await one.ensureTopic(own, { partitions: 2 });
    await one.append(own, [toRecord(EVENTS[0]!, 'k')]);
    const group = newName('group');
    await one.seek(group, own, new Map([[1, { offset: 0, metadata: 'm' }]]));
    assert.deepEqual((await one.positions(group, own))[1], { offset: 0, metadata: 'm' });
    const names = await admin(made => made.listTopics());
    assert.ok(names.includes(prefix + own) && !names.includes(own));
    const groups = await admin(made => made.fetchOffsets({ groupId: prefix + group, topics: [prefix + own] }));
    assert.equal(groups[0]?.partitions.find(({ partition }) => partition === 1)?.offset, '0');
    assert.deepEqual(new Set((await one.topics()).map(({ name }) => name)), new Set([own, topic]));
    const { start, end } = (await one.bounds(topic))?.[0] ?? {};
    assert.deepEqual([start, end], [0, 0], 'a name of others is meant as it is');
    prefix = 'another.';
    assert.equal(await open().bounds(own), undefined);
    await one.deleteTopic(own);
    assert.ok(!(await admin(made => made.listTopics())).some(name => name.endsWith(own)));
  });

  it('cuts names that are too long with the prefix, and finds them again', async () => {
    const log = open();
    const name = `${newName('long')}${'x'.repeat(200)}`;
    await log.ensureTopic(name, { partitions: 1 });
    await log.append(name, [toRecord(EVENTS[0]!, 'k')]);
    assert.equal((await readAll(log, name, 0)).length, 1);
    assert.ok((await log.topics()).some(each => each.name === name));
    await log.deleteTopic(name);
  });
}
