// Objects that are deleted while something outside the cluster belongs to them: held until that is
// gone, and never for ever.
import assert from 'node:assert/strict';
import type { KubeClient } from '../../../../k8s/api/kube-client.ts';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { toResource } from '../../../../k8s/catalog/to-resource.ts';
import { finalize } from '../../../../k8s/operator/reconcile/finalize.ts';
import type { ReconcileContext, TopicLog } from '../../../../k8s/operator/reconcile/reconcile-context.ts';
import { TOPIC_FINALIZER } from '../../../../k8s/operator/reconcile/topics.ts';
import { OPENFAAS_FINALIZER } from '../../../../k8s/providers/openfaas/names.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import type { Kind } from '../../../../resources/kinds/kind-names.ts';
import type { AnyResource } from '../../../../resources/resource.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const DELETED_AT = Date.parse('2026-01-01T00:00:00Z');

function objectOf(kind: Kind, spec: object, finalizers: readonly string[]): KubeObject {
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  const metadata = {
    name: 'orders',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '7',
    deletionTimestamp,
    finalizers,
  };
  return { apiVersion: API_VERSION, kind, metadata, spec };
}

describe('An object that is deleted', () => {
  const calls: { method: string; path: string; body: unknown }[] = [];
  beforeEach(() => void calls.splice(0));
  const client: KubeClient = {
    async call(method, path, options = {}) {
      calls.push({ method, path, body: options.body });
      return {};
    },
    stream: () => assert.fail('nothing is followed'),
    close: async () => {},
  };

  function letGoOf(
    object: KubeObject,
    afterMs: number,
    topics?: TopicLog,
    inForce: ReadonlyMap<string, AnyResource> = new Map(),
  ) {
    const context = {
      client,
      world: createFakeWorld(DELETED_AT + afterMs),
      log: () => {},
      instance: 'test',
      providers: [],
      topics,
      wrote: () => {},
      verdicts: () => ({ inForce, problems: new Map() }),
    } as unknown as ReconcileContext;
    return finalize(context, { kind: object.kind as Kind, object }, new AbortController().signal);
  }
  const released = (others: readonly string[] = []) => ({
    method: 'PATCH',
    path: `/apis/tenfold.dev/v1alpha1/namespaces/shop/topics/orders`,
    body: { metadata: { uid: 'u1', resourceVersion: '7', finalizers: others } },
  });
  const removed: string[] = [];
  const log = (failing = false): TopicLog => ({
    nameOf: ({ metadata }) => metadata.name,
    ensure: async () => {},
    async remove({ metadata }) {
      if (failing) throw new Error('no broker answers');
      removed.push(metadata.name);
    },
  });

  it('is let go once its events are gone; what others hold it by stays', async () => {
    const topic = objectOf('Topic', { deletionPolicy: 'Delete' }, ['theirs/x', TOPIC_FINALIZER]);
    assert.equal(await letGoOf(topic, 0, log()), undefined);
    assert.deepEqual(removed, ['orders']);
    assert.deepEqual(calls, [released(['theirs/x'])]);
  });

  it('takes nothing with it that is of another namespace, whoever says that it is held for that', async () => {
    const mails = toResource('Queue', {
      apiVersion: API_VERSION,
      kind: 'Queue',
      metadata: { name: 'mails', namespace: 'billing' },
      spec: { to: { url: 'https://example.com' } },
    });
    assert.ok('resource' in mails);
    const theirs = new Map([['Queue/billing/mails', mails.resource]]);
    const spec = { deletionPolicy: 'Delete', kafka: { topic: 'queue.billing.mails' } };
    const topic = objectOf('Topic', spec, [TOPIC_FINALIZER]);
    removed.splice(0);
    assert.equal(await letGoOf(topic, 1000, log(), theirs), 5000);
    assert.deepEqual([removed, calls], [[], []]);
  });

  it('is not looked at when it is not held by us', async () => {
    assert.equal(await letGoOf(objectOf('Topic', {}, ['theirs/x']), 0, log(true)), undefined);
    assert.equal(await letGoOf(objectOf('Queue', {}, [TOPIC_FINALIZER]), 0, log(true)), undefined);
    assert.deepEqual(calls, []);
  });

  it('is tried again for some minutes when the other side does not answer', async () => {
    const topic = objectOf('Topic', { deletionPolicy: 'Delete' }, [TOPIC_FINALIZER]);
    assert.equal(await letGoOf(topic, 1000, log(true)), 5000);
    assert.equal(await letGoOf(topic, 299_000, log(true)), 1000);
    assert.deepEqual(calls, []);
  });

  const stranded: readonly [name: string, object: KubeObject, topics: TopicLog | undefined, why: RegExp][] = [
    ['Kafka never answers', objectOf('Topic', { deletionPolicy: 'Delete' }, [TOPIC_FINALIZER]), log(true), /no broker/],
    ['no Kafka is configured any more', objectOf('Topic', {}, [TOPIC_FINALIZER]), undefined, /not set to any Kafka/],
    ['it is not valid', objectOf('Topic', { partitions: 'many' }, [TOPIC_FINALIZER]), log(), /it is not valid/],
    [
      'no OpenFaaS is configured any more',
      objectOf('Function', {}, [OPENFAAS_FINALIZER]),
      undefined,
      /gateway of OpenFaaS/,
    ],
  ];
  for (const [name, object, topics, why] of stranded) {
    it(`is let go after that, with an Event that says what may be left, when ${name}`, async () => {
      assert.equal(await letGoOf(object, 300_000, topics), undefined);
      const [event, patch, ...rest] = calls;
      assert.deepEqual(rest, []);
      assert.equal(event?.method, 'POST');
      assert.ok(event && patch);
      const { type, reason, note } = event.body as { type: string; reason: string; note: string };
      assert.deepEqual([type, reason], ['Warning', 'LeftBehind']);
      assert.match(note, why);
      assert.equal(patch?.method, 'PATCH');
      assert.deepEqual((patch.body as { metadata: { finalizers: string[] } }).metadata.finalizers, []);
    });
  }
});
