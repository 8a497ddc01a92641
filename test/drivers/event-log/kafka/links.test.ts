// What becomes of calls when the connection to Kafka is not there yet, is cut, loses answers, or
// leads nowhere without a word.
import assert from 'node:assert/strict';
import type { EventLog, OwnedPartition } from '../../../../drivers/event-log/event-log.ts';
import { LIMITS, newName, readAll, record, rejectsWith, take, textOf } from '../../../contract/event-log/subject.ts';
import { eventually } from '../../../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../../../services/kafka.ts';
import { startProxy, type TcpProxy } from '../../../services/proxy.ts';
import { findService } from '../../../services/service.ts';
import { createClients } from './kafka-cases.ts';

if (findService(kafka))
  describe('Kafka behind bad connections', () => {
    const clients = createClients();
    let cluster: KafkaCluster;
    let proxy: TcpProxy;
    let topic: string;
    const brokers = () => [`127.0.0.1:${proxy.port}`];
    const port = () => cluster.nodes[0]!.port;
    before(async () => {
      proxy = await startProxy(1);
      cluster = await startKafka({ advertised: () => proxy.port });
      proxy.lead(port());
      await eventually(
        () =>
          clients
            .open(brokers())
            .ensureTopic(newName('first'), { partitions: 1 })
            .then(() => true)
            .catch(() => false),
        'it is ready',
      );
    });
    after(async () => {
      await cluster?.stop();
      await proxy?.close();
    });
    beforeEach(async () => {
      topic = newName('topic');
      await clients.open(brokers()).ensureTopic(topic, { partitions: 1 });
    });
    afterEach(() => clients.closeAll());

    it('opens while nobody answers, says so, and works once somebody does', async () => {
      proxy.turnTo(1);
      const log = clients.open(brokers());
      await rejectsWith('log-unavailable', log.topics());
      assert.equal((await log.health()).ok, false);
      await rejectsWith('log-unavailable', log.join({ group: newName('group'), topics: [topic], assigned() {} }));
      proxy.turnTo(port());
      await eventually(async () => (await log.health()).ok, 'it is healthy');
      await log.append(topic, [record('key', '1')]);
      assert.deepEqual((await readAll(log, topic, 0)).map(textOf), ['1']);
    });

    it('waits for the end of a short outage with every call, also of topics that it knows nothing of yet', async () => {
      await clients.open(brokers()).append(topic, [record('key', '1')]);
      const group = newName('group');
      const calls: Record<string, (log: EventLog) => Promise<unknown>> = {
        append: log => log.append(topic, [record('key', '2')]),
        bounds: log => log.bounds(topic),
        ensureTopic: log => log.ensureTopic(topic, { partitions: 1 }),
        join: log => log.join({ group: newName('group'), topics: [topic], assigned() {} }),
        offsetAt: log => log.offsetAt(topic, 0, 0),
        positions: log => log.positions(group, topic),
        read: log => log.read(topic, 0, 0, LIMITS),
        seek: log => log.seek(group, topic, new Map([[0, { offset: 0, metadata: '' }]])),
        topics: log => log.topics(),
        trim: log => log.trim(topic, 0, 0),
      };
      proxy.refuse(true);
      const logs = Object.keys(calls).map(() => clients.open(brokers(), { requestTimeoutMs: 30_000 }));
      const done = Object.values(calls).map((call, at) => call(logs[at] ?? assert.fail()));
      const outcomes = Promise.allSettled(done);
      for (const log of logs) await eventually(async () => !(await log.health()).ok, 'it has seen the outage');
      proxy.refuse(false);
      const failed = (await outcomes).flatMap((each, at) =>
        each.status === 'rejected' ? [`${Object.keys(calls)[at]}: ${each.reason}`] : [],
      );
      assert.deepEqual(failed, []);
    });

    it('appends once what was taken without an answer', async () => {
      const log = clients.open(brokers());
      await log.append(topic, [record('key', 'first')]);
      proxy.keepAnswers(true);
      const sent = proxy.sent();
      const appended = log.append(topic, [record('key', 'once')]);
      await sent;
      // Until the broker has it.
      await new Promise(resolve => setTimeout(resolve, 200));
      proxy.keepAnswers(false);
      proxy.cut();
      const [at] = await appended;
      const found = await readAll(log, topic, 0);
      assert.deepEqual(found.map(textOf), ['first', 'once']);
      assert.equal(found[1]?.offset, at?.offset);
    });

    it('keeps the order of what waited while the connection was cut again and again', async () => {
      const log = clients.open(brokers());
      const calls: Promise<unknown>[] = [];
      for (let number = 0; number < 300; number++) {
        calls.push(log.append(topic, [record('key', String(number))]));
        if (number % 30 === 29) {
          proxy.cut();
          await new Promise(resolve => setTimeout(resolve, 20));
        }
      }
      await Promise.all(calls);
      assert.deepEqual(
        (await readAll(log, topic, 0)).map(textOf),
        calls.map((_, number) => String(number)),
      );
    });

    it('gives connections up that lead nowhere, for appends, readers and members', async () => {
      const log = clients.open(brokers(), { requestTimeoutMs: 1000, sessionTimeoutMs: 60_000 });
      const lost: unknown[] = [];
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
      await log.join({ group: newName('group'), topics: [topic], assigned: resolve });
      const owned = await promise;
      owned.lost.addEventListener('abort', () => lost.push(owned.lost.reason));
      const reader = owned.open(topic, 0);
      await log.append(topic, [record('key', '1')]);
      assert.deepEqual((await take(reader, 1)).map(textOf), ['1']);
      const waiting = take(reader, 1);
      waiting.catch(() => {});
      proxy.swallow();
      await log.append(topic, [record('key', '2')]);
      assert.deepEqual((await waiting).map(textOf), ['2']);
      assert.deepEqual(lost, []);
    });

    it('lets a member leave in a moment while its coordinator is looked for and nobody answers', async () => {
      const log = clients.open(brokers(), { requestTimeoutMs: 60_000, heartbeatMs: 200 });
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
      const member = await log.join({ group: newName('group'), topics: [topic], assigned: resolve });
      await promise;
      proxy.refuse(true);
      // Its heartbeats fail, and it asks who coordinates the group by now.
      await eventually(async () => !(await log.health()).ok, 'nobody can be reached');
      proxy.keepAnswers(true);
      const asked = proxy.sent();
      proxy.refuse(false);
      await asked;
      const began = performance.now();
      await member.leave();
      const took = performance.now() - began;
      proxy.keepAnswers(false);
      proxy.cut();
      assert.ok(took < 25_000, `it took ${took} ms`);
    });

    it('fails what cannot be appended in time, and keeps what waits within bounds', async () => {
      const log = clients.open(brokers(), { deliveryTimeoutMs: 5000, requestTimeoutMs: 2000, maxPendingBytes: 10_000 });
      await log.append(topic, [record('key', 'first')]);
      await appendWhileNobodyAnswers(log, topic, proxy);
      proxy.keepAnswers(false);
      proxy.cut();
      await eventually(async () => (await log.health()).ok, 'it is healthy');
      await log.append(topic, [record('key', 'last')]);
      const texts = (await readAll(log, topic, 0)).map(textOf);
      // What failed may be there, once, and in its place.
      assert.equal(texts.at(-1), 'last');
      assert.ok(texts.length === 2 || (texts.length === 3 && texts[1] === 'x'.repeat(6000)), String(texts.length));
    });
  });

/** A topic that waits for its broker leaves room for another, which waits for its own. */
async function appendWhileNobodyAnswers(log: EventLog, topic: string, proxy: TcpProxy): Promise<void> {
  const other = `${topic}-other`;
  await log.ensureTopic(other, { partitions: 1 });
  await log.append(other, [record('key', 'first')]);
  proxy.keepAnswers(true);
  const late = log.append(topic, [record('key', 'x'.repeat(6000))]);
  const refused = log.append(topic, [record('key', 'y'.repeat(2500))]);
  const elsewhere = log.append(other, [record('key', 'y'.repeat(2500))]);
  const waited = rejectsWith('log-unavailable', elsewhere);
  await rejectsWith('overloaded', refused);
  await rejectsWith('log-unavailable', late);
  await waited;
}
