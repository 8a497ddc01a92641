// F16, F17: a gateway and a worker that run while no broker can be reached, or too few of them:
// endpoints say so, processes rest, and all goes on by itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../services/kafka.ts';
import { startProxy, type TcpProxy } from '../services/proxy.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { canStart } from '../services/service.ts';
import { type NumberedFunction, startNumberedFunction } from '../worker/dispatch/kafka/numbered-function.ts';
import { type Orders, startOrders } from './orders.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const MINUTE = 60_000;
const BROKERS = 3;
const OUTAGE_MS = process.env['TENFOLD_NIGHTLY'] ? MINUTE : 20_000;
/** Of a core, for each process. */
const MOST_CPU = 0.2;
const TICKS_PER_SECOND = 100;

/** Seconds of CPU since it began. */
function cpuOf({ child }: RunningProcess): number {
  // Behind its name, which is in brackets: fields 14 and 15 of the line are what it used itself,
  // and what was done for it.
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

if ([kafka, redis].every(kind => canStart(kind)))
  describe('a gateway and a worker without their Kafka', () => {
    const proxies: TcpProxy[] = [];
    let brokers: KafkaCluster;
    let store: RedisServer;
    let target: NumberedFunction;
    let gateway: RunningProcess;
    let worker: RunningProcess;
    let orders: Orders;

    before(async () => {
      for (let count = 0; count < BROKERS; count++) proxies.push(await startProxy(1));
      brokers = await startKafka({
        nodes: BROKERS,
        advertised(node, port) {
          proxies[node - 1]?.lead(port);
          return proxies[node - 1]?.port ?? port;
        },
      });
      [store, target] = await Promise.all([startRedis(), startNumberedFunction()]);
      const directory = tempFolder({
        'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.subject}", kafka: { replicas: ${BROKERS}, minInsyncReplicas: ${BROKERS} } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: notes }
spec: { topic: orders, to: { function: note }, from: earliest, retry: { attempts: 1000, backoff: constant, initial: 100ms, max: 1s } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: note }
spec: { url: "${target.url}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`,
      });
      const services = {
        kafka: proxies.map(({ port }) => `127.0.0.1:${port}`).join(','),
        redis: `redis://127.0.0.1:${store.port}`,
        prefix: `without-${process.pid}`,
      };
      const env = { TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1' };
      [gateway, worker] = await Promise.all([
        startProcess({ role: 'gateway', directory, services }),
        startProcess({ role: 'worker', directory, services, env }),
      ]);
      await eventually(async () => (await gateway.isReady()) && (await worker.isReady()), 'both are ready');
      orders = startOrders(`${gateway.addresses.public}/orders`);
    });
    after(async () => {
      orders?.abandon();
      await Promise.all([gateway?.end('SIGKILL'), worker?.end('SIGKILL')]);
      target?.close();
      await Promise.all([store?.process.stop(), brokers?.stop()]);
      await Promise.all(proxies.map(proxy => proxy.close()));
      removeTempFolders();
    });

    const isDelivered = () => [...orders.acknowledged].every(([key, count]) => target.of(key) >= count);
    const goesOn = async (what: string) => {
      const [taken, handled] = [orders.count, target.handled];
      await eventually(() => orders.count > taken + 20 && target.handled > handled + 20, what);
    };
    /** All that endpoints have answered since then but for what was taken. */
    const refusedSince = (from: number) => orders.answers.slice(from).filter(({ status }) => status >= 300);
    const assertRefusals = (refused: ReturnType<typeof refusedSince>) => {
      for (const { status, retryAfter, text } of refused) {
        assert.equal(status, 503, text);
        assert.match(text, /log-unavailable/);
        assert.ok(Number(retryAfter) > 0, `Retry-After: ${retryAfter}`);
      }
    };

    it('F17: refuse with 503, say why, rest, and go on when brokers can be reached again', async () => {
      await goesOn('orders flow');
      const from = orders.answers.length;
      for (const proxy of proxies) proxy.refuse(true);
      const began = performance.now();
      const [ofGateway, ofWorker] = [cpuOf(gateway), cpuOf(worker)];
      await eventually(() => refusedSince(from).length > 0, 'the endpoint refuses');
      // Gateways go on with what needs no Kafka; there are no others that could take it.
      for (const [process, status] of [
        [gateway, 200],
        [worker, 503],
      ] as const) {
        const says = async () => {
          const response = await process.admin('/readyz');
          return response.status === status && /Kafka \(log\) cannot be used/.test(await response.text());
        };
        await eventually(says, 'it says what it lacks');
      }
      await pause(OUTAGE_MS - (performance.now() - began));
      const seconds = (performance.now() - began) / 1000;
      const used = [(cpuOf(gateway) - ofGateway) / seconds, (cpuOf(worker) - ofWorker) / seconds];
      for (const proxy of proxies) proxy.refuse(false);
      assert.ok(
        used.every(part => part < MOST_CPU),
        `of a core the gateway took ${used[0]}, the worker ${used[1]}`,
      );
      await goesOn('orders flow again');
      assertRefusals(refusedSince(from));
      await eventually(async () => (await gateway.isReady()) && (await worker.isReady()), 'both are ready');
    });

    it('F16: refuse with 503 while there are fewer brokers in step than the topic asks for, and go on when there are enough', async () => {
      const from = orders.answers.length;
      await brokers.nodes[0]?.kill();
      await eventually(() => refusedSince(from).length > 0, 'the endpoint refuses');
      await brokers.nodes[0]?.start();
      await goesOn('orders flow again');
      assertRefusals(refusedSince(from));
    });

    it('deliver all that was acknowledged, in order', async () => {
      await orders.stop();
      await eventually(isDelivered, 'all is delivered');
      assert.deepEqual(target.wrong, []);
    });
  });
