// Topics of a real Kafka as the operator keeps them.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Resource } from '../../../resources/resource.ts';
import { createKafkaTopics, type KafkaTopics } from '../../../server/events/topics/topic-log.ts';
import { openKafka } from '../../../server/storage/open-services.ts';
import { eventually } from '../../eventually.ts';
import { type KafkaCluster, startKafka } from '../../services/kafka.ts';

function topicOf(name: string, spec: object): Resource<'Topic'> {
  const metadata = { name, namespace: 'shop' };
  const parsed = toResource('Topic', { apiVersion: API_VERSION, kind: 'Topic', metadata, spec });
  if (!('resource' in parsed) || parsed.resource.kind !== 'Topic') throw new Error('It is no Topic.');
  return parsed.resource;
}

describe('Topics of Kafka for the operator', () => {
  let kafka: KafkaCluster;
  let topics: KafkaTopics;
  let look: Awaited<ReturnType<ReturnType<typeof openKafka>['open']>>;

  before(async () => {
    kafka = await startKafka();
    const settings = {
      brokers: [...kafka.brokers],
      clientId: 'test',
      topicPrefix: 'ours.',
      replicationFactor: 1,
      compression: 'none' as const,
    };
    topics = createKafkaTopics(realWorld, settings, () => {});
    look = await openKafka(realWorld, { ...settings, topicPrefix: '' }, () => {}).open();
  });

  after(async () => {
    await look?.close();
    await topics?.close();
    await kafka?.stop();
  });

  const partitionsOf = async (name: string) => (await look.topics()).find(one => one.name === name)?.partitions;
  const retained = (name: string, retentionMs: number) =>
    eventually(
      async () => (await look.topics()).find(one => one.name === name)?.retentionMs === retentionMs,
      `${name} keeps its events for ${retentionMs} ms`,
    );
  const become = (name: string, partitions: number | undefined) =>
    eventually(async () => (await partitionsOf(name)) === partitions, `${name} has ${partitions}`);

  it('are made with the prefix of the installation, grow, and are the same when asked for again', async () => {
    await topics.ensure(topicOf('orders', { partitions: 2 }));
    await become('ours.shop.orders', 2);
    await topics.ensure(topicOf('orders', { partitions: 4 }));
    await topics.ensure(topicOf('orders', { partitions: 4 }));
    await become('ours.shop.orders', 4);
  });

  it('do not shrink, and say what there is', async () => {
    await assert.rejects(topics.ensure(topicOf('orders', { partitions: 3, retention: '5h' })), {
      code: 'conflict',
      message: /has 4 partitions and cannot have 3/,
    });
    await retained('ours.shop.orders', 5 * 3_600_000);
    await become('ours.shop.orders', 4);
  });

  it('have the name that a Topic gives, as it is', async () => {
    const named = topicOf('payments', { partitions: 1, kafka: { topic: 'billing.payments' } });
    assert.equal(topics.nameOf(named), 'billing.payments');
    await topics.ensure(named);
    await become('billing.payments', 1);
    await topics.remove(named);
    await become('billing.payments', undefined);
  });

  it('of another namespace are neither made nor changed nor removed by a name that has the prefix', async () => {
    const billing = 'ours.billing.orders';
    await look.ensureTopic(billing, { partitions: 1 });
    await become(billing, 1);
    for (const external of [false, true]) {
      const mine = topicOf('mine', { partitions: 2, external, kafka: { topic: billing }, deletionPolicy: 'Delete' });
      const refused = { code: 'conflict', message: /belongs to the namespace "billing", and this Topic is in "shop"/ };
      await assert.rejects(topics.ensure(mine), refused);
      await assert.rejects(topics.remove(mine), refused);
    }
    assert.equal(await partitionsOf(billing), 1);
  });

  it('are called as Kafka calls them, so that two Topics that stand for one are known', () => {
    const named = topicOf('other', { kafka: { topic: 'ours.shop.orders' } });
    assert.equal(topics.nameOf(named), topics.nameOf(topicOf('orders', {})));
  });

  it('are removed, and removing them again is no error', async () => {
    const orders = topicOf('orders', {});
    await topics.remove(orders);
    await become('ours.shop.orders', undefined);
    await topics.remove(orders);
  });
});
