// What Kafka does to topics under those who use them: partitions that are added, records that
// expire unread or are too large, topics that are deleted.
import assert from 'node:assert/strict';
import { Kafka, logLevel } from 'kafkajs';
import type { OwnedPartition } from '../../../../../drivers/event-log/event-log.ts';
import { newName, record, rejectsWith, take, textOf } from '../../../../contract/event-log/subject.ts';
import { eventually } from '../../../../eventually.ts';
import { kafka } from '../../../../services/kafka.ts';
import { findService } from '../../../../services/service.ts';
import { countOf, createClients, startLoad, startReading } from '../kafka-cases.ts';

const service = findService(kafka);
/** Kind of resource that has settings. */
const TOPIC = 2;

if (service)
  describe("Kafka's topics", () => {
    const clients = createClients();
    const brokers = () => service.url().split(',');
    afterEach(() => clients.closeAll());

    it('grow under load without losing anything', async () => {
      const [topic, group] = [newName('topic'), newName('group')];
      const log = clients.open(brokers());
      await log.ensureTopic(topic, { partitions: 2 });
      const load = startLoad(log, topic);
      const reading = await startReading(clients.open(brokers()), topic, group);
      await eventually(() => countOf(reading.seen) > 100, 'something is read');
      // By another client, as another process does it.
      await clients.open(brokers()).ensureTopic(topic, { partitions: 5 });
      await eventually(() => reading.owned.size === 5, 'the new ones are owned');
      const before = countOf(reading.seen);
      await eventually(() => countOf(reading.seen) > before + 100, 'it reads on');
      await load.stop();
      await eventually(() => countOf(reading.seen) >= countOf(load.acknowledged), 'all is read');
      // Order by key holds before and after, not across the change.
      for (const [key, numbers] of load.acknowledged)
        assert.deepEqual(
          [...new Set(reading.seen.get(key))].toSorted((a, b) => a - b),
          numbers,
        );
      await reading.stop();
    });

    it('drop what has expired, which shows in the bounds of who had not read it', async () => {
      const topic = newName('topic');
      const log = clients.open(brokers());
      await log.ensureTopic(topic, { partitions: 1, retentionMs: 1000 });
      await log.append(topic, [record('a', '1'), record('a', '2')]);
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
      await log.join({ group: newName('group'), topics: [topic], assigned: resolve });
      const reader = (await promise).open(topic, 0);
      await eventually(async () => (await log.bounds(topic))?.[0]?.start === 2, 'both have expired');
      const reading = reader.next({ maxRecords: 10, maxBytes: 1000 });
      await log.append(topic, [record('a', '3')]);
      const { records, bounds } = await reading;
      assert.deepEqual(records.map(textOf), ['3']);
      assert.equal(bounds.start, 2);
    });

    it('are made and deleted by the dozen, however long that takes', async () => {
      const names = Array.from({ length: 120 }, () => newName('crowd'));
      // A broker needs longer for all of them than for any other answer.
      const log = clients.open(brokers(), { requestTimeoutMs: 5000 });
      await Promise.all(names.map(name => log.ensureTopic(name, { partitions: 3 })));
      const found = new Set((await log.topics()).map(({ name }) => name));
      assert.ok(names.every(name => found.has(name)));
      await Promise.all(names.map(name => log.deleteTopic(name)));
    });

    it('are set as they are asked for, and nothing else of them is changed', async () => {
      const topic = newName('topic');
      const log = clients.open(brokers(), { topics: { settings: { 'max.message.bytes': '20000' } } });
      await log.ensureTopic(topic, { partitions: 1, replicas: 1, minInsyncReplicas: 1, retentionMs: 60_000 });
      await log.ensureTopic(topic, { partitions: 1, minInsyncReplicas: 2, retentionMs: 90_000 });
      const admin = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const names = ['retention.ms', 'min.insync.replicas', 'max.message.bytes', 'message.timestamp.type'];
      const settings = async () => {
        const resources = [{ type: TOPIC, name: topic, configNames: names }];
        const { resources: found } = await admin.describeConfigs({ resources, includeSynonyms: false });
        return Object.fromEntries(
          found[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
        );
      };
      const wanted = ['90000', '2', '20000', 'LogAppendTime'];
      await eventually(async () => (await settings())['retention.ms'] === '90000', 'it shows');
      assert.deepEqual(await settings(), Object.fromEntries(names.map((name, index) => [name, wanted[index]])));
      await admin.disconnect();
    });

    it('keep records out that are too large, and take those beside them', async () => {
      const topic = newName('topic');
      const log = clients.open(brokers(), { topics: { settings: { 'max.message.bytes': '20000' } } });
      await log.ensureTopic(topic, { partitions: 1 });
      const calls = ['a', 'x'.repeat(30_000), 'b', 'y'.repeat(15_000), 'z'.repeat(15_000)].map(text =>
        log.append(topic, [record('k', text)]),
      );
      await rejectsWith('body-too-large', calls[1]!);
      const places = (await Promise.all(calls.filter((_, index) => index !== 1))).flat();
      assert.deepEqual(
        places.map(({ offset }) => offset),
        [0, 1, 2, 3],
      );
    });

    it('are read by readers that were opened before their brokers knew of them', async () => {
      const [known, late] = [newName('topic'), newName('topic')];
      const log = clients.open(brokers());
      await log.ensureTopic(known, { partitions: 1 });
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
      const member = await log.join({ group: newName('group'), topics: [known], assigned: resolve });
      const reader = (await promise).open(late, 0);
      await rejectsWith('not-found', take(reader, 1));
      const other = clients.open(brokers());
      await other.ensureTopic(late, { partitions: 1 });
      await other.append(late, [record('a', '1')]);
      // As whoever needs it does it: again until it is there.
      const again = async (): Promise<readonly string[]> => {
        try {
          return (await take(reader, 1)).map(textOf);
        } catch {
          return [];
        }
      };
      await eventually(async () => (await again())[0] === '1', 'it is read');
      await member.leave();
    });

    it('are gone for who appends to them and reads them, once deleted by others', async () => {
      const topic = newName('topic');
      const log = clients.open(brokers());
      await log.ensureTopic(topic, { partitions: 1 });
      await log.append(topic, [record('a', '1')]);
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
      const member = await log.join({ group: newName('group'), topics: [topic], assigned: resolve });
      const reader = (await promise).open(topic, 0);
      await take(reader, 1);
      const waiting = rejectsWith('not-found', take(reader, 1));
      await clients.open(brokers()).deleteTopic(topic);
      await rejectsWith('not-found', log.append(topic, [record('a', '2')]));
      await waiting;
      await member.leave();
    });
  });
