// A topic that many consumers follow, in processes as people start them over Kafka and Redis: a
// story must look at each of them, and into each of the topics that they put events into.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { type RunningProcess, startProcess } from '../../../test/processes/start-process.ts';
import { startKafka } from '../../../test/services/kafka.ts';
import { startRedis } from '../../../test/services/redis.ts';

export interface CrowdOptions {
  /** Of each kind: Subscriptions to a function, Subscriptions to a topic, Views and Pipelines. */
  readonly ofEach: number;
  readonly brokers: 1 | 3;
}

export interface Crowd {
  /** Has the public address. */
  readonly gateway: RunningProcess;
  /** Answer for the admin API. */
  readonly workers: readonly RunningProcess[];
  /** What the story of an event tells: its consumers, and what it has led to. */
  readonly consumers: number;
  readonly links: number;
  /** The offset behind the last event of each partition. */
  ends(): Promise<readonly number[]>;
  close(): Promise<void>;
}

export const CROWD_PARTITIONS = 6;
const WORKERS = 3;

/** Resolves when the processes listen. */
export async function openCrowd({ ofEach, brokers }: CrowdOptions): Promise<Crowd> {
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
    const { port } = handler.address() as AddressInfo;
    writeFileSync(join(folder, 'app.yaml'), resourcesOf(ofEach, port));
    const kafka = await startKafka({ nodes: brokers, isMeasured: true });
    closers.push(() => kafka.stop());
    const log = openKafkaEventLog({ world: realWorld, connection: { brokers: kafka.brokers } });
    closers.push(() => log.close());
    const ends = async () => ((await log.bounds('default.orders')) ?? []).map(({ end }) => end);
    const redis = await startRedis();
    closers.push(() => redis.process.stop());
    const services = { kafka: kafka.brokers.join(','), redis: redis.url, prefix: 'stories' };
    const start = async (role: 'gateway' | 'worker', more: Readonly<Record<string, string>> = {}) => {
      const env = { TENFOLD_DATA: join(folder, '.tenfold/data'), ...more };
      const running = await startProcess({ role, directory: folder, env, services });
      closers.push(() => running.end('SIGKILL'));
      return running;
    };
    const gateway = await start('gateway');
    const functions = { TENFOLD_FUNCTIONS_INTERNAL_URL: gateway.addresses.internal ?? '' };
    const workers: RunningProcess[] = [];
    for (let count = 0; count < WORKERS; count++) workers.push(await start('worker', functions));
    return { gateway, workers, consumers: 4 * ofEach, links: 2 * ofEach, ends, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function resourcesOf(ofEach: number, port: number): string {
  const numbers = Array.from({ length: ofEach }, (_, number) => number);
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n  ${spec}\n`;
  const partitions = `partitions: ${CROWD_PARTITIONS}`;
  return [
    resource('Topic', 'orders', `${partitions}\n  key: "\${event.data.key}"`),
    resource('Function', 'handler', `url: 'http://127.0.0.1:${port}'`),
    resource('Api', 'shop', 'routes:\n    - { match: { method: POST, path: /orders }, to: { topic: orders } }'),
    ...numbers.flatMap(number => [
      resource('Topic', `copies-${number}`, partitions),
      resource('Topic', `mapped-${number}`, partitions),
      resource('Subscription', `handled-${number}`, 'topic: orders\n  to: { function: handler }\n  from: earliest'),
      resource(
        'Subscription',
        `copied-${number}`,
        `topic: orders\n  to: { topic: copies-${number} }\n  from: earliest`,
      ),
      resource('View', `rows-${number}`, 'from: [orders]\n  table: { key: "${event.data.id}" }'),
      resource(
        'Pipeline',
        `mapped-${number}`,
        `from: { topic: orders, start: earliest }\n  steps:\n    - map: "\${{'order': event.data.id}}"\n  to: [{ topic: mapped-${number} }]`,
      ),
    ]),
  ].join('---\n');
}
