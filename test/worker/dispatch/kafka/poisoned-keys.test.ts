// Many keys whose first event fails each time, two workers in processes of their own, a real Kafka:
// all other keys go on at once, and what fails is given up in time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deadTopicOf, subscriptionGroupOf, topicOf } from '../../../../core/names.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { type RunningProcess, startProcess } from '../../../processes/start-process.ts';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { numberedRecord } from './small-worker.ts';

const PARTITIONS = 4;
const POISONED = 60;
const HEALTHY = 50;
const ATTEMPTS = 3;
const PAUSE_S = 20;
/** How the function fails for what is poisoned, and the Subscription that sees it. */
const STATUS = { refusing: 500, doubtful: 503 } as const;

type Name = keyof typeof STATUS;

/** Ids of events in the order in which the function was called for them. */
async function startFunction(status: number, calls: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const id = String(request.headers['ce-id']);
    request.resume();
    request.once('end', () => {
      calls.push(id);
      // The head of the key alone: what is behind it is well.
      response.writeHead(/^bad.*:0$/.test(id) ? status : 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function applicationOf(namespace: string, name: Name, server: Server): string {
  const { port } = server.address() as AddressInfo;
  const resource = (kind: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
  const retry = `{ attempts: ${ATTEMPTS}, initial: ${PAUSE_S}s, max: ${PAUSE_S}s, backoff: constant }`;
  return [
    resource('Topic', `{ partitions: ${PARTITIONS} }`),
    resource('Function', `{ url: "http://127.0.0.1:${port}" }`),
    resource(
      'Subscription',
      `{ topic: ${name}, to: { function: ${name} }, from: earliest, concurrency: 8, retry: ${retry} }`,
    ),
  ].join('---\n');
}

async function deliveredBy(worker: RunningProcess, name: Name): Promise<number> {
  const lines = (await (await worker.admin('/metrics')).text()).split('\n');
  const line = lines.find(each => each.startsWith('tenfold_consumer_delivered_total{') && each.includes(`"${name}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe('many poisoned keys and two workers, over Kafka', () => {
    const namespace = `poison-${process.pid}-${Date.now().toString(36)}`;
    const names = Object.keys(STATUS) as Name[];
    const calls: Record<Name, string[]> = { refusing: [], doubtful: [] };
    const clients = createClients();
    const servers: Server[] = [];
    const workers: RunningProcess[] = [];
    let own: EventLog;

    before(async () => {
      own = clients.open(log.url().split(','));
      const files: Record<string, string> = {};
      for (const name of names) {
        const server = await startFunction(STATUS[name], calls[name]);
        servers.push(server);
        files[`${name}.yaml`] = applicationOf(namespace, name, server);
        await own.ensureTopic(topicOf(namespace, name), { partitions: PARTITIONS });
      }
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      const start = () =>
        startProcess({
          role: 'worker',
          directory: tempFolder(files),
          services,
          env: { TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1' },
        });
      workers.push(...(await Promise.all([start(), start()])));
      await eventually(
        async () => (await Promise.all(workers.map(each => each.isReady()))).every(Boolean),
        'both are ready',
      );
      for (const name of names) await eachDelivers(name);
    });
    after(async () => {
      await Promise.all(workers.map(worker => worker.end('SIGKILL')));
      await Promise.all(names.map(name => own.deleteTopic(topicOf(namespace, name)).catch(() => {})));
      await clients.closeAll();
      for (const server of servers) server.close();
      removeTempFolders();
    });

    const publish = async (name: Name, keys: readonly string[], number: number) =>
      void (await own.append(
        topicOf(namespace, name),
        keys.map(key => numberedRecord(key, number, Buffer.from('{}'))),
      ));
    /** What moves to the other worker in the middle of a call is delivered twice, as promised. */
    async function eachDelivers(name: Name): Promise<void> {
      let number = 0;
      await eventually(async () => {
        await publish(name, keys('warm', 4 * PARTITIONS), number++);
        return (await Promise.all(workers.map(worker => deliveredBy(worker, name)))).every(count => count > 0);
      }, 'each worker has partitions');
      const all = () => countOf(name, /^warm/) >= 4 * PARTITIONS * number;
      await eventually(all, 'the first events are delivered');
    }

    const keys = (kind: string, count: number) => Array.from({ length: count }, (_, at) => `${kind}-${at}`);
    const poisoned = keys('bad', POISONED);
    const healthy = keys('good', HEALTHY);
    const dead = async (name: Name) => {
      const bounds = await own.bounds(deadTopicOf(subscriptionGroupOf(namespace, name)));
      return (bounds ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
    };
    const countOf = (name: Name, id: RegExp) => calls[name].filter(called => id.test(called)).length;
    /** Ids of a second try are not those of the first. */
    let tries = 1000;

    for (const name of names) {
      it(`that are answered ${STATUS[name]}: each healthy event is delivered before one of them is given up`, async () => {
        const number = tries++;
        if (countOf(name, /^bad/) === 0) for (const each of [0, 1]) await publish(name, poisoned, each);
        await eventually(() => countOf(name, /^bad/) >= POISONED / 2, 'many have failed');
        const from = calls[name].length;
        await publish(name, healthy, number);
        const delivered = () => healthy.every(key => calls[name].includes(`${key}:${number}`));
        await eventually(delivered, 'each healthy one is delivered');
        const between = calls[name].slice(from).filter(id => id.startsWith('bad')).length;
        assert.ok(between <= 2 * POISONED, `${between} calls of what is poisoned`);
        assert.equal(await dead(name), 0);
        const repeated = healthy.filter(key => countOf(name, new RegExp(`^${key}:${number}$`)) !== 1);
        assert.deepEqual(repeated, []);
      });
    }

    for (const name of names) {
      it(`that are answered ${STATUS[name]} become dead letters after their attempts, and what is behind them is delivered`, async () => {
        let number = 1;
        let due = 0;
        // Something is answered now and then, as of any consumer that is used: where nothing is,
        // 503 is taken for a target that is down.
        await eventually(
          async () => {
            if (performance.now() >= due) {
              await publish(name, healthy.slice(0, 4), number++);
              due = performance.now() + 500;
            }
            return (await dead(name)) >= POISONED;
          },
          'all are given up',
          5 * 60_000,
        );
        await eventually(() => poisoned.every(key => calls[name].includes(`${key}:1`)), 'what is behind is delivered');
        assert.equal(await dead(name), POISONED);
      });
    }
  });
