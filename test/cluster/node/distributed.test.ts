// Gateways, workers and operators of their own over a real Kafka and a real Redis: everything is
// broken or replaced once while guests order.
// For the night (TENFOLD_NIGHTLY): it takes some five minutes.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.ts';
import { type KafkaCluster, startKafka } from '../../services/kafka.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { HOST_ADDRESS } from './addresses.ts';
import { type Guests, moreOrders, whileOrdering } from './guests.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode } from './shared-node.ts';

const KITCHEN = fileURLToPath(new URL('../../fixtures/kitchen', import.meta.url));
const AWAY_MS = 60_000;

const shared = process.env['TENFOLD_NIGHTLY'] === undefined ? undefined : findNode();
if (shared) {
  describe('The chart on a node, distributed over Kafka and Redis', function () {
    this.timeout(2_700_000);
    const shop = 'distributed-shop';
    let kafka: KafkaCluster;
    let redis: RedisServer;
    let platform: Platform;
    let address: string;
    const kubectl = (...args: string[]) => shared.node().kubectl(args);
    const podsOf = async (component: string) => {
      const selector = `--selector=app.kubernetes.io/component=${component}`;
      const names = await kubectl('get', 'pods', selector, `--namespace=${platform.namespace}`, '--output=name');
      return names.trim().split('\n');
    };
    const rolledOut = (component: string) =>
      kubectl(
        'rollout',
        'status',
        `deployment/tenfold-${component}`,
        `--namespace=${platform.namespace}`,
        '--timeout=300s',
      );
    const ordering = (breaks: (guests: Guests) => Promise<unknown>) => whileOrdering(address, breaks);

    before(async () => {
      [kafka, redis] = await Promise.all([
        startKafka({ host: HOST_ADDRESS }),
        startRedis({ bind: `127.0.0.1 ${HOST_ADDRESS}`, 'protected-mode': 'no', 'maxmemory-policy': 'noeviction' }),
      ]);
      platform = await installPlatform(shared.node(), {
        mode: 'distributed',
        kafka: { brokers: kafka.brokers },
        redis: { urls: [`redis://${HOST_ADDRESS}:${redis.port}`] },
      });
      address = await platform.address();
      await kubectl('create', 'namespace', shop);
      await tenfold(shared.node(), ['apply', KITCHEN, '--namespace', shop, '--wait', '--timeout', '300s']);
      // What is ready is served by both gateways.
      for (let order = 0; order < 10; order++) {
        const { status, body } = await call('POST', `${address}/orders`, { table: 'first', drink: 'espresso' });
        assert.equal(status, 201, JSON.stringify(body));
      }
    });

    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return;
      for (const namespace of [platform.namespace, shop]) console.error(await whatIsWrong(shared.node(), namespace));
    });

    after(async () => {
      await kubectl('delete', 'namespace', shop, '--ignore-not-found', '--timeout=300s');
      await platform?.uninstall();
      if (platform) await kubectl('delete', 'namespace', platform.namespace, '--timeout=300s');
      await Promise.all([kafka?.stop(), redis?.process.stop()]);
    });

    it('is replaced and rolled back by another release of the same version without one failed request', async () => {
      await ordering(async () => {
        const before = new Set([...(await podsOf('gateway')), ...(await podsOf('worker'))]);
        // Another one at each try, or a second one would find nothing to change.
        await platform.upgrade({ podAnnotations: { 'tenfold.dev/test': `upgraded ${new Date().toISOString()}` } });
        const after = [...(await podsOf('gateway')), ...(await podsOf('worker'))];
        assert.ok(after.some(name => !before.has(name)));
        await platform.rollback();
      });
    });

    it('serves on when the operator that leads is deleted, and another one leads', async () => {
      const lease = async () => {
        const got = ['get', 'lease', 'tenfold-operator', `--namespace=${platform.namespace}`, '--output=json'];
        return String(JSON.parse(await kubectl(...got)).spec.holderIdentity);
      };
      const leader = await lease();
      await ordering(async () => {
        const pod = (await podsOf('operator')).find(name => leader.startsWith(name.replace('pod/', '')));
        assert.ok(pod, `${leader} is none of the pods`);
        await kubectl('delete', pod, `--namespace=${platform.namespace}`, '--wait=false');
        await eventually(async () => ![leader, ''].includes(await lease()), 'another one leads');
      });
    });

    it('loses no event when a worker dies in the midst of them', async () => {
      await ordering(async guests => {
        const [worker = ''] = await podsOf('worker');
        await kubectl('delete', worker, `--namespace=${platform.namespace}`, '--grace-period=0', '--force');
        await moreOrders(guests, 80);
        await rolledOut('worker');
      });
    });

    it('serves on without kubelet and API server, for as long as they are away', async () => {
      const { kill, start } = shared.node();
      await ordering(async () => {
        // Those who look after nodes start anew with the API server, as elsewhere, where they
        // lose their lease meanwhile.
        const parts = ['kubelet', 'kube-controller-manager', 'kube-apiserver'] as const;
        for (const part of parts) await kill(part);
        await new Promise(resolve => setTimeout(resolve, AWAY_MS));
        for (const part of parts.toReversed()) start(part);
        await eventually(
          () =>
            kubectl('get', 'nodes').then(
              () => true,
              () => false,
            ),
          'it is back',
        );
      });
      // Whoever follows the cluster follows it again.
      await tenfold(shared.node(), ['apply', KITCHEN, '--namespace', shop, '--wait', '--timeout', '300s']);
    });
  });
}
