// A shop whose events are all handled, in processes as people start them: over the embedded log, or
// over Kafka, Redis and Elasticsearch.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { type RunningProcess, type SharedServices, startProcess } from '../../../test/processes/start-process.ts';
import { startElasticsearch } from '../../../test/services/elasticsearch.ts';
import { startKafka } from '../../../test/services/kafka.ts';
import { startRedis } from '../../../test/services/redis.ts';

export type ShopKind = 'sqlite' | 'kafka';

export interface Shop {
  /** Has the public address. */
  readonly gateway: RunningProcess;
  /** Answers for the admin API. */
  readonly asked: RunningProcess;
  close(): Promise<void>;
}

/** In the log. */
const TOPIC = 'default.orders';
export const SHOP_PARTITIONS = 6;
const AT_ONCE = 1_000;
const APPENDS = 4;
const LOOK_MS = 500;

/** Resolves when all events are handled and indexed. */
export async function openShop(
  kind: ShopKind,
  events: number,
  recordOf: (number: number) => NewRecord,
  progress: (what: string) => void,
): Promise<Shop> {
  // Beside this script and not in the folder for temporary files, which may be in memory.
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const each of closers.reverse()) await each();
  };
  try {
    const handler = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(204).end());
    });
    closers.push(() => {
      handler.closeAllConnections();
      handler.close();
    });
    await new Promise<void>(resolve => handler.listen(0, '127.0.0.1', resolve));
    const address = handler.address();
    writeFileSync(join(folder, 'app.yaml'), resourcesFor(typeof address === 'object' ? (address?.port ?? 0) : 0));
    const services = kind === 'sqlite' ? undefined : await startServices(closers);
    const data = join(folder, '.tenfold/data');
    await fill(services, data, events, recordOf);
    progress('the events are in the log');
    const start = async (role: 'serve' | 'gateway' | 'worker', more: Readonly<Record<string, string>> = {}) => {
      const env = { TENFOLD_DATA: data, ...more };
      const running = await startProcess({ role, directory: folder, env, ...(services && { services }) });
      closers.push(() => running.end('SIGKILL'));
      return running;
    };
    const gateway = await start(services ? 'gateway' : 'serve');
    const functions = { TENFOLD_FUNCTIONS_INTERNAL_URL: gateway.addresses.internal ?? '' };
    const asked = services ? await start('worker', functions) : gateway;
    if (services) await start('worker', functions);
    await allHandled(asked, progress);
    await allIndexed(asked);
    progress('all is indexed');
    return { gateway, asked, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function resourcesFor(port: number): string {
  return `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: ${SHOP_PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: handler }
spec: { url: 'http://127.0.0.1:${port}' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: handled }
spec: { topic: orders, to: { function: handler }, from: earliest }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
`;
}

async function startServices(closers: (() => unknown)[]): Promise<SharedServices> {
  const kafka = await startKafka({ isMeasured: true });
  closers.push(() => kafka.stop());
  const redis = await startRedis();
  closers.push(() => redis.process.stop());
  const elasticsearch = await startElasticsearch({ isMeasured: true });
  closers.push(() => elasticsearch.stop());
  return { kafka: kafka.brokers.join(','), redis: redis.url, elasticsearch: elasticsearch.url, prefix: 'finding' };
}

async function fill(
  services: SharedServices | undefined,
  data: string,
  events: number,
  recordOf: (number: number) => NewRecord,
): Promise<void> {
  const world = realWorld;
  const thread = new URL('../../../drivers/sqlite/thread-main.ts', import.meta.url);
  const database = services ? undefined : await openDatabase({ world, file: join(data, 'tenfold.db'), thread });
  const brokers = services?.kafka.split(',') ?? [];
  const log: EventLog = database
    ? await createSqliteEventLog({ world, database })
    : openKafkaEventLog({ world, connection: { brokers } });
  await log.ensureTopic(TOPIC, { partitions: SHOP_PARTITIONS });
  let next = 0;
  const append = async () => {
    while (next < events) {
      const from = next;
      next += AT_ONCE;
      const count = Math.min(AT_ONCE, events - from);
      await log.append(
        TOPIC,
        Array.from({ length: count }, (_, at) => recordOf(from + at)),
      );
    }
  };
  await Promise.all(Array.from({ length: APPENDS }, append));
  await log.close();
  await database?.close();
}

async function allHandled(asked: RunningProcess, progress: (what: string) => void): Promise<void> {
  for (let told = performance.now(); ; ) {
    const response = await asked.admin('/api/consumers/Subscription/default/handled');
    const { lag } = response.ok ? ((await response.json()) as { readonly lag?: number }) : {};
    if (lag === 0) return;
    if (performance.now() - told > 10_000) {
      told = performance.now();
      progress(`${lag ?? 'all'} events wait to be handled`);
    }
    await sleep(LOOK_MS);
  }
}

/** All but the newest events of each partition, which fill no block. */
async function allIndexed(asked: RunningProcess): Promise<void> {
  for (;;) {
    const response = await asked.admin('/api/events?id=none');
    const { unindexed, next } = (await response.json()) as { readonly unindexed?: number; readonly next?: string };
    if (next === undefined && unindexed !== undefined && unindexed < SHOP_PARTITIONS * AT_ONCE * 2) return;
    await sleep(LOOK_MS);
  }
}
