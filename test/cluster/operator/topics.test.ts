// The operator over a real API server and a real Kafka: topics come, grow and go as Topics say, and
// nothing is lost that somebody wanted kept.
import assert from 'node:assert/strict';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { realWorld } from '../../../core/world.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { createKafkaTopics, type KafkaTopics } from '../../../server/events/topics/topic-log.ts';
import { eventually } from '../../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../../services/kafka.ts';
import { canStart } from '../../services/service.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { kubectl, type RunningOperator, runOperator, startPlane } from './operators.ts';

const WITHIN_MS = 3 * 60_000;

let plane: ControlPlane;
let cluster: KafkaCluster;
let topics: KafkaTopics;
let other: Kafka;
let operator: RunningOperator;
let kube: ReturnType<typeof kubectl>;

async function ask<Result>(question: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = other.admin();
  await admin.connect();
  try {
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
}
/** Undefined: there is no such topic. */
const partitionsOf = (name: string) =>
  ask(async admin => {
    if (!(await admin.listTopics()).includes(name)) return undefined;
    return (await admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions.length;
  });
/** Brokers tell of what was done a moment later than it is done. */
const has = (name: string, partitions: number | undefined) =>
  eventually(async () => (await partitionsOf(name)) === partitions, `${name} has ${partitions} partitions`);
const eventsIn = (name: string) =>
  ask(async admin => {
    const bounds = await admin.fetchTopicOffsets(name);
    return bounds.reduce((total, { low, high }) => total + Number(high) - Number(low), 0);
  });
const send = async (topic: string, key: string) => {
  const producer = other.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key, value: 'kept' }] });
  await producer.disconnect();
};
const ready = (name: string) => kube.wait('Topic', name, 'Ready', 'True InForce', WITHIN_MS);
const gone = async (name: string) => {
  await kube.remove('Topic', name);
  await eventually(async () => (await kube.get(pathOf('Topic', name))).code === 404, `${name} is gone`);
};

if (canStart(kafka))
  describe('The operator and the topics of Kafka', () => {
    before(async function () {
      this.timeout(BUILD_AND_START_MS);
      // One after the other: what has started is ended, also when the next does not.
      cluster = await startKafka();
      plane = await startPlane();
      await plane.startControllers(['namespace-controller']);
      const brokers = [...cluster.brokers];
      const settings = {
        brokers,
        clientId: 'test',
        topicPrefix: 'ours.',
        replicationFactor: 1,
        compression: 'none' as const,
      };
      topics = createKafkaTopics(realWorld, settings, () => {});
      // Another client than ours.
      other = new Kafka({ brokers, logLevel: logLevel.NOTHING });
      kube = kubectl(plane);
      const listeners = { url: 'http://tenfold-internal.tenfold-system.svc:8081', audience: 'tenfold' };
      operator = runOperator(plane, { topics, listeners });
      await operator.synced;
    });

    after(async () => {
      await operator?.close();
      await topics?.close();
      await cluster?.stop();
      await plane?.close();
    });

    describeTopics();
    describeDeletion();
    it('leaves a topic of somebody else alone, whatever its Topic says', async () => {
      await ask(admin =>
        admin.createTopics({ topics: [{ topic: 'theirs', numPartitions: 2 }], waitForLeaders: false }),
      );
      const theirs = { external: true, partitions: 5, deletionPolicy: 'Delete', kafka: { topic: 'theirs' } };
      await kube.apply('Topic', 'theirs', theirs);
      await ready('theirs');
      await gone('theirs');
      assert.equal(await partitionsOf('theirs'), 2);
    });

    it('says that Kafka is away, holds what is to be deleted there, and goes on when it is back', async () => {
      await kube.apply('Topic', 'held', { partitions: 1, deletionPolicy: 'Delete' });
      await ready('held');
      await cluster.nodes[0]?.kill();
      await kube.apply('Topic', 'late', { partitions: 2 });
      await kube.wait('Topic', 'late', 'Ready', 'False LogUnavailable', WITHIN_MS);
      await kube.remove('Topic', 'held');
      assert.equal(typeof (await kube.get(pathOf('Topic', 'held'))).metadata?.deletionTimestamp, 'string');
      await cluster.nodes[0]?.start();
      await ready('late');
      await has('ours.default.late', 2);
      const released = async () => (await kube.get(pathOf('Topic', 'held'))).code === 404;
      await eventually(released, 'it is let go');
      await has('ours.default.held', undefined);
    });
  });

function describeTopics(): void {
  it('makes the topic of a Topic, and says that it is ready once it is there, and where it is reached', async () => {
    await kube.apply('Topic', 'orders', { partitions: 2 });
    await ready('orders');
    await has('ours.default.orders', 2);
    const { url } = (await kube.get(pathOf('Topic', 'orders'))).status;
    assert.equal(url, 'http://tenfold-internal.tenfold-system.svc:8081/topics/orders');
  });

  it('grows it', async () => {
    await kube.apply('Topic', 'orders', { partitions: 4 });
    await ready('orders');
    await has('ours.default.orders', 4);
  });

  it('does not shrink it: the API server refuses that at once', async () => {
    const manifest = { spec: { partitions: 3 } };
    const path = pathOf('Topic', 'orders');
    const answer = await plane.client.request('PATCH', path, manifest, 'application/merge-patch+json');
    assert.equal(answer.status, 422);
    assert.match(message(answer), /partitions can only grow/);
  });

  it('keeps events when a Topic goes, as nobody said otherwise', async () => {
    await send('ours.default.orders', '1');
    await gone('orders');
    assert.equal(await eventsIn('ours.default.orders'), 1);
  });

  it('says of a new Topic with fewer partitions than are there that it cannot be, and takes up what was kept for one that can', async () => {
    await kube.apply('Topic', 'orders', { partitions: 3 });
    const said = await kube.wait('Topic', 'orders', 'Ready', 'False TopicConflict', WITHIN_MS);
    assert.match(said, /has 4 partitions and cannot have 3/);
    await kube.wait('Topic', 'orders', 'Stalled', 'True TopicConflict', WITHIN_MS);
    assert.equal(await partitionsOf('ours.default.orders'), 4);
    await kube.apply('Topic', 'orders', { partitions: 4 });
    await ready('orders');
    assert.equal(await eventsIn('ours.default.orders'), 1);
  });
}

function describeDeletion(): void {
  it('deletes events with a Topic that says so, and not before they are asked to go', async () => {
    await kube.apply('Topic', 'orders', { partitions: 4, deletionPolicy: 'Delete' });
    await ready('orders');
    assert.equal(await partitionsOf('ours.default.orders'), 4);
    await gone('orders');
    await has('ours.default.orders', undefined);
  });

  it('keeps those of a Topic that is told to keep them after all', async () => {
    await kube.apply('Topic', 'mind', { partitions: 1, deletionPolicy: 'Delete' });
    await ready('mind');
    await kube.apply('Topic', 'mind', { partitions: 1, deletionPolicy: 'Retain' });
    const released = async () => (await kube.get(pathOf('Topic', 'mind'))).metadata.finalizers === undefined;
    await eventually(released, 'nothing holds it');
    await gone('mind');
    assert.equal(await partitionsOf('ours.default.mind'), 1);
  });

  it('deletes nothing that another Topic stands for as well', async () => {
    const shared = { partitions: 1, deletionPolicy: 'Delete', kafka: { topic: 'billing.payments' } };
    await kube.apply('Topic', 'payments', shared);
    await kube.apply('Topic', 'also-payments', shared);
    await Promise.all([ready('payments'), ready('also-payments')]);
    await gone('payments');
    assert.equal(await partitionsOf('billing.payments'), 1);
    await gone('also-payments');
    await has('billing.payments', undefined);
  });

  it('deletes them with the namespace of a Topic that says so, which ends then', async () => {
    // Another one for each try.
    const inside = `shop-${Date.now().toString(36)}`;
    const shop = `/api/v1/namespaces/${inside}`;
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: inside } };
    assert.ok((await plane.client.apply(shop, namespace)).status < 300);
    for (const [name, deletionPolicy] of [
      ['going', 'Delete'],
      ['staying', 'Retain'],
    ]) {
      const manifest = {
        apiVersion: API_VERSION,
        kind: 'Topic',
        metadata: { name, namespace: inside },
        spec: { partitions: 1, deletionPolicy },
      };
      const answer = await plane.client.apply(`/apis/${API_VERSION}/namespaces/${inside}/topics/${name}`, manifest);
      assert.ok(answer.status < 300, message(answer));
      await has(`ours.${inside}.${name}`, 1);
    }
    await plane.client.request('DELETE', shop);
    const ended = async () => (await kube.get(shop)).code === 404;
    await eventually(ended, 'the namespace is gone');
    await has(`ours.${inside}.going`, undefined);
    assert.equal(await partitionsOf(`ours.${inside}.staying`), 1);
  });
}
