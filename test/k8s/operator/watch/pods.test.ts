// Which pods the operator asks for, what it keeps of them, and what it does without the right to.
import assert from 'node:assert/strict';
import type { CallOptions, KubeClient } from '../../../../k8s/api/kube-client.ts';
import { KubeError } from '../../../../k8s/api/kube-error.ts';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { createOutages } from '../../../../k8s/api/outages.ts';
import { followPods } from '../../../../k8s/operator/watch/pods.ts';
import { podsInOpenFaaS } from '../../../../k8s/providers/openfaas/pods.ts';
import type { PodsElsewhere } from '../../../../k8s/providers/provider.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { podWith, running, terminated } from '../../providers/pods/pods.ts';

const KEY = 'Function/default/menu';
const crashed = { state: terminated(1, 'no module') };
const versioned = (pod: KubeObject, resourceVersion: string): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, resourceVersion },
});

/** An API server with one pod, whose watches say what `tell` is given. */
function serverOf(pod: KubeObject) {
  const asked: string[] = [];
  let wake = () => {};
  const told: object[] = [];
  const server = {
    asked,
    forbidden: false,
    tell(type: string, object: KubeObject) {
      told.push({ type, object });
      wake();
    },
    client: {
      async call(_method: string, path: string, { query }: CallOptions = {}) {
        asked.push(`${path} ${query?.['labelSelector']}`);
        if (server.forbidden) throw new KubeError('forbidden', 'pods is forbidden', 403, {});
        return { items: [pod], metadata: { resourceVersion: '1' } };
      },
      async *stream(_path: string, { signal, opened }: { signal: AbortSignal; opened?: () => void }) {
        opened?.();
        signal.addEventListener('abort', () => wake());
        while (!signal.aborted) {
          const next = told.shift();
          if (next !== undefined) yield next;
          else await new Promise<void>(resolve => (wake = resolve));
        }
      },
    } as unknown as KubeClient,
  };
  return server;
}

function start(pod: KubeObject, namespaces?: readonly string[], elsewhere: readonly PodsElsewhere[] = []) {
  const world = createFakeWorld();
  const lines: string[] = [];
  const changed: string[] = [];
  const log = (_level: string, message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const server = serverOf(pod);
  const follow = () =>
    followPods({
      client: server.client,
      world,
      log,
      outages: createOutages(log),
      namespaces,
      elsewhere,
      changed: key => void changed.push(key),
    });
  return { world, lines, changed, server, follow };
}

const turns = async () => {
  for (let index = 0; index < 50; index++) await Promise.resolve();
};

describe('The pods that the operator follows', () => {
  it('are those of Functions, by their labels, and what it says of one is known', async () => {
    const { server, changed, lines, follow } = start(versioned(podWith({ container: crashed }), '1'));
    const pods = follow();
    await pods.synced;
    const selector = 'app.kubernetes.io/managed-by=tenfold-operator,app.kubernetes.io/component=function';
    assert.deepEqual([...new Set(server.asked)], [`/api/v1/pods ${selector}`]);
    assert.deepEqual(
      pods.of('default', 'menu').map(({ name, trouble }) => [name, trouble?.is]),
      [['fn-menu-1', 'ended']],
    );
    assert.deepEqual([pods.of('default', 'other'), pods.of('other', 'menu'), changed, lines], [[], [], [KEY], []]);
    await pods.close();
  });

  it('are also those that a provider has in a namespace of its own, by what they say of themselves', async () => {
    const annotations = { 'tenfold.dev/function': 'shop/menu', 'tenfold.dev/applied': 'one' };
    const metadata = { name: 'menu-1', namespace: 'openfaas-fn', labels: {}, annotations };
    const pod = versioned(podWith({ metadata, container: crashed }), '1');
    const { server, changed, follow } = start(pod, [], [podsInOpenFaaS()]);
    const pods = follow();
    await pods.synced;
    const asked = '/api/v1/namespaces/openfaas-fn/pods faas_function,app.kubernetes.io/part-of=tenfold';
    assert.deepEqual([[...new Set(server.asked)], changed], [[asked], ['Function/shop/menu']]);
    assert.deepEqual(
      pods.of('shop', 'menu').map(({ version, trouble }) => [version, trouble?.is]),
      [['one', 'ended']],
    );
    server.tell('DELETED', versioned(pod, '2'));
    await turns();
    assert.deepEqual(pods.of('shop', 'menu'), []);
    await pods.close();
  });

  it('are told of when they say something else, and forgotten when they are ready or gone', async () => {
    const pod = podWith({ container: crashed });
    const { server, changed, follow } = start(versioned(pod, '1'));
    const pods = follow();
    await pods.synced;
    const say = async (type: string, object: KubeObject, version: string) => {
      changed.length = 0;
      server.tell(type, versioned(object, version));
      await turns();
      return [changed.length, pods.of('default', 'menu').length];
    };
    const other = { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, hash: 'x' } } };
    assert.deepEqual(await say('MODIFIED', other, '2'), [0, 1], 'nothing of it matters');
    assert.deepEqual(await say('MODIFIED', podWith({ container: { state: running(1) } }), '3'), [1, 1]);
    const ready = podWith({ conditions: [{ type: 'Ready', status: 'True' }], container: { ready: true } });
    assert.deepEqual(await say('MODIFIED', ready, '4'), [1, 0]);
    assert.deepEqual(await say('MODIFIED', { ...ready, spec: { nodeName: 'a' } }, '5'), [0, 0]);
    assert.deepEqual(await say('MODIFIED', pod, '6'), [1, 1]);
    assert.deepEqual(await say('DELETED', pod, '7'), [1, 0]);
    await pods.close();
  });
});

describe('Without the right to see pods', () => {
  it('the operator goes on, says so once, and sees them when the right is given', async () => {
    const { server, world, lines, follow } = start(versioned(podWith({ container: crashed }), '1'), ['default']);
    server.forbidden = true;
    const pods = follow();
    await pods.synced;
    assert.deepEqual(pods.of('default', 'menu'), []);
    await world.pass(5 * 60_000);
    assert.deepEqual(lines, [
      'pods may not be seen, so statuses do not say why a Function does not start {"namespaces":["default"]}',
    ]);
    server.forbidden = false;
    await world.pass(60_000);
    await turns();
    assert.equal(pods.of('default', 'menu').length, 1);
    await pods.close();
  });

  it('and while nothing answers, it can be closed', async () => {
    const { server, follow } = start(podWith());
    server.client.call = () => Promise.reject(new KubeError('cluster-unavailable', 'away', 0, {}));
    const pods = follow();
    await turns();
    await pods.close();
  });
});
