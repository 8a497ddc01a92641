// The instances that a Service leads to, as EndpointSlices have them: followed while somebody
// needs them, and no longer.
import assert from 'node:assert/strict';
import type { KubeClient } from '../../../k8s/api/kube-client.ts';
import { KubeError } from '../../../k8s/api/kube-error.ts';
import { createInstanceFollower, instancesOf } from '../../../k8s/serving/follow-instances.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const settle = () => new Promise<void>(resolve => setImmediate(resolve));

function slice(name: string, endpoints: readonly object[], more: object = {}) {
  return { metadata: { name }, addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }], endpoints, ...more };
}

/**
 * An API server that says what `say` is given to whoever watches, and ends all watches by `cut`.
 */
function start(refuses = false) {
  const world = createFakeWorld();
  const lines: string[] = [];
  const asked: string[] = [];
  const watches = new Set<{ say(event: unknown): void; cut(): void }>();
  const client: KubeClient = {
    call: () => assert.fail(),
    async *stream(path, { query, signal }) {
      asked.push(`${path} ${query?.['labelSelector']} ${query?.['resourceVersion']}`);
      if (refuses) throw new KubeError('forbidden', 'no', 403, {});
      const events: unknown[] = [];
      let wake = Promise.withResolvers<void>();
      let ended = false;
      const watch = {
        say(event: unknown) {
          events.push(event);
          wake.resolve();
        },
        cut() {
          ended = true;
          wake.resolve();
        },
      };
      watches.add(watch);
      signal?.addEventListener('abort', watch.cut);
      while (!ended) {
        yield* events.splice(0);
        await wake.promise;
        wake = Promise.withResolvers();
      }
      watches.delete(watch);
    },
    async close() {},
  };
  const say = async (type: string, object: object) => {
    for (const watch of watches) watch.say({ type, object });
    await settle();
  };
  const cut = async () => {
    for (const watch of watches) watch.cut();
    await settle();
  };
  const follower = createInstanceFollower(world, client, (_level, message) => void lines.push(message));
  return { world, lines, asked, say, cut, follower, watches };
}

describe('instances of a Function', () => {
  it('are the endpoints of its slices that do not end, with whether they are ready', () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: { ready: true } },
      { addresses: ['10.0.0.2'], conditions: { ready: false, terminating: false } },
      { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } },
      { addresses: [] },
    ];
    assert.deepEqual(instancesOf(slice('a', endpoints)), [
      { origin: 'http://10.0.0.1:8080', ready: true },
      { origin: 'http://10.0.0.2:8080', ready: false },
    ]);
    const six = slice('b', [{ addresses: ['fd00::1'] }], { addressType: 'IPv6' });
    assert.deepEqual(instancesOf(six), [{ origin: 'http://[fd00::1]:8080', ready: false }]);
    assert.deepEqual(instancesOf(slice('c', endpoints, { ports: [{ name: 'other', port: 1 }] })), []);
    assert.deepEqual(instancesOf({}), []);
  });

  it('are told of all together, whenever one slice changes', async () => {
    const { follower, asked, say } = start();
    const told: string[] = [];
    follower.follow('shop', 'fn-menu', all => void told.push(all.map(({ origin }) => origin).join(' ')));
    await settle();
    assert.deepEqual(asked, [
      '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices kubernetes.io/service-name=fn-menu undefined',
    ]);
    await say('ADDED', slice('a', [{ addresses: ['10.0.0.1'] }]));
    await say('ADDED', slice('b', [{ addresses: ['10.0.0.2'] }]));
    await say('MODIFIED', slice('a', []));
    await say('DELETED', slice('b', []));
    assert.deepEqual(told, [
      'http://10.0.0.1:8080',
      'http://10.0.0.1:8080 http://10.0.0.2:8080',
      'http://10.0.0.2:8080',
      '',
    ]);
    await follower.close();
  });

  it('are not known while the watch is cut, and followed anew', async () => {
    const { follower, world, asked, say, cut } = start();
    const told: number[] = [];
    follower.follow('shop', 'fn-menu', all => void told.push(all.length));
    await settle();
    await say('ADDED', slice('a', [{ addresses: ['10.0.0.1'] }]));
    assert.equal(told.at(-1), 1);
    await cut();
    assert.equal(told.at(-1), 0);
    await world.pass(600);
    assert.equal(asked.length, 2);
    await say('ADDED', slice('a', [{ addresses: ['10.0.0.1'] }]));
    assert.equal(told.at(-1), 1);
    await follower.close();
  });

  it('are told to nobody who has enough, and to no more than so many', async () => {
    const { follower, say, watches } = start();
    const told: string[] = [];
    const all = Array.from({ length: 40 }, (_, index) => follower.follow('shop', `fn-${index}`, () => told.push('')));
    assert.equal(all.filter(one => one !== undefined).length, 32);
    await settle();
    for (const one of all) one?.close();
    await say('ADDED', slice('a', []));
    assert.deepEqual([told.length, watches.size], [0, 0]);
    assert.ok(follower.follow('shop', 'fn-menu', () => {}));
    await follower.close();
  });

  it('are not asked for again where that is refused, which is said once', async () => {
    const { follower, world, lines, asked } = start(true);
    follower.follow('shop', 'fn-menu', () => assert.fail());
    follower.follow('shop', 'fn-till', () => assert.fail());
    await world.pass(5_000);
    assert.equal(asked.length, 2);
    assert.equal(lines.length, 1);
    await follower.close();
  });
});
