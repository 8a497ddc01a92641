// What becomes of appends where brokers say no, or two of them are asked: each ends, and none is
// acknowledged by an answer to another one.
import assert from 'node:assert/strict';
import { sleep } from '../../../../../core/world.ts';
import { Cluster } from '../../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { FAULT } from '../../../../../drivers/event-log/kafka/kafka-error.ts';
import { KafkaAppender } from '../../../../../drivers/event-log/kafka/produce/appender.ts';
import { record, rejectsWith } from '../../../../contract/event-log/subject.ts';
import { eventually } from '../../../../eventually.ts';
import {
  API,
  type FakeBroker,
  type FakePart,
  type FakeTopic,
  metadataOf,
  produced,
  producedParts,
  producerId,
  startFakeBroker,
} from '../../../../fakes/kafka-broker.ts';
import { type SteadyWorld, startSteadyWorld } from '../../../../fakes/steady-world.ts';

const CLUSTER_AUTHORIZATION_FAILED = 31;
const INVALID_RECORD = 87;

describe('appends to brokers of Kafka', () => {
  let world: SteadyWorld;
  let brokers: FakeBroker[];
  let cluster: Cluster;
  let appender: KafkaAppender;
  let topics: FakeTopic[];

  const appenderFor = (deliveryTimeoutMs: number) =>
    new KafkaAppender({
      cluster,
      epochs: () => ({ firstOffsetOf: () => 0, learn: async () => 0 }),
      compression: 'none',
      maxPendingBytes: 64 << 20,
      deliveryTimeoutMs,
    });

  beforeEach(async () => {
    brokers = [await startFakeBroker(), await startFakeBroker()];
    for (const { answers } of brokers) {
      answers.set(API.metadata, () => metadataOf(brokers, topics));
      answers.set(API.initProducerId, () => producerId());
    }
    const connection = { brokers: brokers.map(({ port }) => `127.0.0.1:${port}`) };
    world = startSteadyWorld();
    cluster = new Cluster({ world, connection, requestTimeoutMs: 5000, log() {} });
    appender = appenderFor(10_000);
  });
  afterEach(async () => {
    cluster.close();
    world.stop();
    await Promise.all(brokers.map(broker => broker.close()));
  });

  it('fail and say why where the user may not append at all, and ask no more than once for each', async () => {
    topics = [{ name: 'orders', leaders: [1] }];
    const first = brokers[0] ?? assert.fail();
    const isAsking = (key: number) => key === API.initProducerId;
    for (const { answers } of brokers) answers.set(API.initProducerId, () => producerId(CLUSTER_AUTHORIZATION_FAILED));
    const failures = await Promise.all(
      ['1', '2'].map(text =>
        Promise.race([
          appender.append('orders', [record('k', text)]).then(
            () => 'appended',
            (error: Error) => error.message,
          ),
          sleep(world, 1000).then(() => 'still waiting'),
        ]),
      ),
    );
    for (const failure of failures) assert.match(failure, /partition 0 of topic orders: .*may not/);
    assert.ok(first.asked.filter(isAsking).length <= 2, `asked ${first.asked.filter(isAsking).length} times`);

    for (const { answers } of brokers) {
      answers.set(API.initProducerId, () => producerId());
      answers.set(API.produce, body => produced(producedParts(body), 5));
    }
    assert.deepEqual(await appender.append('orders', [record('k', '3')]), [{ partition: 0, offset: 5 }]);
  });

  it('are wrong, and need not be tried again, where the topic takes no such record', async () => {
    topics = [{ name: 'compacted', leaders: [1] }];
    brokers[0]?.answers.set(API.produce, body => produced(producedParts(body), -1, INVALID_RECORD));
    await rejectsWith('invalid-input', appender.append('compacted', [record(null, 'x')]));
  });

  it('are on their way to one broker at a time, also where the partition moves while they wait', async () => {
    topics = [
      { name: 'busy', leaders: [1] },
      { name: 'orders', leaders: [1] },
    ];
    const [first, second] = brokers;
    assert.ok(first && second);
    /** What came, by broker, and is answered when the test says so. */
    const came: { readonly parts: readonly FakePart[]; answer(offset: number): void }[][] = [[], []];
    for (const [index, { answers }] of brokers.entries())
      answers.set(API.produce, body => {
        const parts = producedParts(body);
        const { promise, resolve } = Promise.withResolvers<Buffer>();
        came[index]?.push({ parts, answer: offset => resolve(produced(parts, offset)) });
        return promise;
      });
    const arrived = (index: number, count: number) =>
      eventually(() => came[index]?.length === count, `broker ${index + 1} was asked ${count} times`);
    const lead = async (leader: number) => {
      topics = topics.map(topic => (topic.name === 'orders' ? { ...topic, leaders: [leader] } : topic));
      await cluster.refresh();
    };

    // The first broker takes long for another partition, and this one waits behind it.
    const busy = appender.append('busy', [record('k', 'x')]);
    await arrived(0, 1);
    const one = appender.append('orders', [record('k', '1')]);
    await eventually(() => cluster.metadata !== undefined, 'it is known');
    await lead(2);
    const two = appender.append('orders', [record('k', '2')]);
    await arrived(1, 1);
    came[0]?.[0]?.answer(0);
    await busy;
    // Whatever comes of it there is answered before the second one says anything.
    await sleep(world, 50);
    for (const each of came[0]?.slice(1) ?? []) each.answer(10);
    await lead(1);
    await sleep(world, 50);
    let isAcknowledged = false;
    const three = appender.append('orders', [record('k', '3')]).then(places => {
      isAcknowledged = true;
      return places;
    });
    await sleep(world, 50);
    came[1]?.[0]?.answer(20);
    await sleep(world, 50);
    assert.equal(isAcknowledged, false, 'nobody has answered for it');
    assert.deepEqual(await one, [{ partition: 0, offset: 20 }]);
    assert.deepEqual(await two, [{ partition: 0, offset: 21 }]);
    await eventually(() => came[0]?.length === 2, 'the third one is sent to who leads now');
    came[0]?.[1]?.answer(22);
    assert.deepEqual(await three, [{ partition: 0, offset: 22 }]);
  });

  it('say that nothing gets through where nothing does, and not where one partition of many takes nothing', async () => {
    topics = [
      { name: 'broken', leaders: [2] },
      { name: 'orders', leaders: [1] },
    ];
    const [first, second] = brokers;
    assert.ok(first && second);
    first.answers.set(API.produce, body => produced(producedParts(body), 0));
    second.answers.set(API.produce, body => produced(producedParts(body), -1, FAULT.notEnoughReplicas));
    const refused = appender.append('broken', [record('k', 'x')]).catch(String);
    await eventually(() => second.asked.filter(key => key === API.produce).length > 1, 'it is tried again');
    await appender.append('orders', [record('k', '1')]);
    // Between two attempts it waits.
    const outages = new Set<string | undefined>();
    const end = world.monotonic() + 1000;
    await eventually(() => {
      outages.add(appender.outage);
      return world.monotonic() > end;
    }, 'a second is over');
    assert.deepEqual([...outages], [undefined]);
    await eventually(() => appender.outage !== undefined, 'nothing has got through for long');
    assert.match(appender.outage ?? '', /min.insync.replicas/);
    assert.match(String(await refused), /min.insync.replicas/);
    assert.equal(appender.outage, undefined, 'what was given up is no reason');
  });

  it('fail when they have waited for too long, also behind others that get through one by one', async () => {
    topics = [{ name: 'slow', leaders: [1] }];
    let offset = 0;
    brokers[0]?.answers.set(API.produce, async body => {
      const parts = producedParts(body);
      await sleep(world, 600);
      return produced(parts, offset++);
    });
    // Each is a batch by itself.
    const hasty = appenderFor(1000);
    const append = () => hasty.append('slow', [record('k', 'x'.repeat(600_000))]);
    await append();
    const all = await Promise.allSettled(Array.from({ length: 6 }, append));
    const late = all.flatMap(each => (each.status === 'rejected' ? [String(each.reason)] : []));
    assert.ok(late.length >= 2 && late.length < 6, `${late.length} of 6 failed`);
    for (const text of late) assert.match(text, /Nothing could be appended to topic slow/);
  });
});
