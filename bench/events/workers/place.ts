// Workers as an operator starts them, over Kafka and Redis of their own, with an application that
// delivers what comes to topics to a function.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { type RunningProcess, startProcess } from '../../../test/processes/start-process.ts';
import { startKafka } from '../../../test/services/kafka.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { startSlowFunction } from './slow-function.ts';

export const PARTITIONS = 6;
const READY_WITHIN_MS = 60_000;

export interface PlaceOptions {
  /** How long the function takes, milliseconds. */
  readonly workMs: number;
  /** Resources, one document after the other. */
  resources(functionUrl: string): string;
  /** Another program than the command line from its sources. */
  readonly main?: string;
}

/** One Topic `orders`, one Subscription to it. */
export const ordersTo =
  (concurrency: number) =>
  (url: string): string =>
    `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: ${PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: slow }
spec: { url: "${url}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: orders }
spec: { topic: orders, to: { function: slow }, order: key, concurrency: ${concurrency}, from: earliest }
`;

export async function openPlace({ workMs, resources, main }: PlaceOptions) {
  // Each process that is started listens for our end.
  process.setMaxListeners(0);
  const slow = await startSlowFunction(workMs);
  const [kafka, redis] = await Promise.all([startKafka({ isMeasured: true }), startRedis()]);
  const directory = mkdtempSync(join(tmpdir(), 'tenfold-bench-'));
  writeFileSync(join(directory, 'app.yaml'), resources(slow.url));
  const log = openKafkaEventLog({ world: realWorld, connection: { brokers: kafka.brokers } });
  const running = new Set<RunningProcess>();
  process.once('exit', () => {
    for (const { child } of running) child.kill('SIGKILL');
  });
  const value = Buffer.from(JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(200 - 54) }));
  const headers = {
    ce_specversion: '1.0',
    ce_source: '/bench',
    ce_type: 'OrderCreated',
    'content-type': 'application/json',
  };
  const topic = topicOf('default', 'orders');
  return {
    slow,
    log,
    brokers: kafka.brokers,
    /** Resolves when it is ready, which is before it has partitions. */
    async startWorker(): Promise<RunningProcess> {
      const services = { kafka: kafka.brokers.join(','), redis: redis.url, prefix: 'bench' };
      const env = {
        TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:9',
        TENFOLD_ADMIN_PORT: '0',
        NODE_ENV: 'production',
      };
      const started = await startProcess({ role: 'worker', directory, services, env, ...(main ? { main } : {}) });
      running.add(started);
      for (const end = Date.now() + READY_WITHIN_MS; !(await started.isReady()); ) {
        if (Date.now() > end) throw new Error(`a worker is not ready: ${started.output().slice(-2000)}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      return started;
    },
    async endWorker(worker: RunningProcess, signal: NodeJS.Signals): Promise<void> {
      await worker.end(signal);
      running.delete(worker);
    },
    ensureTopic: () => log.ensureTopic(topic, { partitions: PARTITIONS }),
    /** Event n has the id n, and one key of so many. */
    async publish(from: number, count: number, keys: number): Promise<void> {
      for (let at = from; at < from + count; at += 2000) {
        const records = Array.from({ length: Math.min(2000, from + count - at) }, (_, index) => ({
          key: keyOf(at + index, keys),
          value,
          headers: { ...headers, ce_id: String(at + index) },
        }));
        await log.append(topic, records);
      }
    },
    async close(): Promise<void> {
      for (const worker of running) await worker.end('SIGKILL');
      await log.close();
      slow.close();
      await Promise.all([kafka.stop(), redis.process.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const keyOf = (number: number, keys: number) => `key-${number % keys}`;

export const partitionOfEvent = (number: number, keys: number): number => partitionOf(keyOf(number, keys), PARTITIONS);
