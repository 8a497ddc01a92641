// What is known of a cluster: the answer about one topic changes that one, and never what a newer
// answer about all has said.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../../core/world.ts';
import { Cluster } from '../../../../../drivers/event-log/kafka/brokers/cluster.ts';
import type { WireReader } from '../../../../../drivers/event-log/kafka/wire/bytes.ts';
import { eventually } from '../../../../eventually.ts';
import { API, type FakeBroker, type FakeTopic, metadataOf, startFakeBroker } from '../../../../fakes/kafka-broker.ts';

const asksForAll = (body: WireReader) => body.uvarint() === 0;
const topicOf = (name: string, partitions: number): FakeTopic => ({ name, leaders: Array(partitions).fill(1) });

describe('what is known of a cluster of Kafka', () => {
  let broker: FakeBroker;
  let cluster: Cluster;
  /** What it answers about all topics, and about one. */
  let all: FakeTopic[];
  let one: () => FakeTopic[] | Promise<FakeTopic[]>;

  beforeEach(async () => {
    broker = await startFakeBroker();
    all = [topicOf('orders', 1), topicOf('clicks', 1)];
    one = () => [topicOf('orders', 2)];
    broker.answers.set(API.metadata, async body => metadataOf([broker], asksForAll(body) ? all : await one()));
    const connection = { brokers: [`127.0.0.1:${broker.port}`] };
    cluster = new Cluster({ world: realWorld, connection, requestTimeoutMs: 60_000, log: () => {} });
    await cluster.refresh();
  });
  afterEach(async () => {
    cluster.close();
    await broker.close();
  });

  const partitionsOf = (name: string) => cluster.metadata?.topics.get(name)?.leaders.length;

  it('takes in the answer about one topic, without a copy of all others', async () => {
    const before = cluster.metadata?.topics;
    assert.equal((await cluster.look('orders'))?.leaders.length, 2);
    assert.deepEqual([partitionsOf('orders'), partitionsOf('clicks')], [2, 1]);
    one = () => [];
    assert.equal(await cluster.look('orders'), undefined);
    assert.deepEqual([partitionsOf('orders'), partitionsOf('clicks')], [undefined, 1]);
    assert.equal(cluster.metadata?.topics, before);
  });

  it('keeps the newer answer about all where that about one topic comes later', async () => {
    const late = Promise.withResolvers<FakeTopic[]>();
    one = () => late.promise;
    const looked = cluster.look('orders');
    await eventually(() => broker.asked.length === 2, 'it is asked about one topic');
    all = [topicOf('orders', 3)];
    await cluster.refresh();
    late.resolve([topicOf('orders', 2)]);
    assert.equal((await looked)?.leaders.length, 2);
    assert.equal(partitionsOf('orders'), 3);
  });
});
