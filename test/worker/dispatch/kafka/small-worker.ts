// A worker in a process of its own whose heap is small, between a topic of a real Kafka and a
// numbered function, for tests of what it holds in memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { subscriptionGroupOf, topicOf } from '../../../../core/names.ts';
import type { EventLog, NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { type RunningProcess, startProcess } from '../../../processes/start-process.ts';
import { type NumberedFunction, startNumberedFunction } from './numbered-function.ts';

export const HEAP_MB = 64;
export const MINUTE = 60_000;

export interface SmallWorkerOptions {
  readonly kafka: string;
  readonly redis: string;
  /** What names of the test begin with. */
  readonly name: string;
  readonly partitions: number;
  /** Further lines of its Subscription, indented by two. */
  readonly subscription: string;
  /** Of a call to the function. Without it the default of Functions. */
  readonly timeout?: string;
  /** Instead of `HEAP_MB`. */
  readonly heapMb?: number;
  /** How long `until` waits. */
  readonly withinMs: number;
}

export interface SmallWorker {
  readonly target: NumberedFunction;
  append(records: readonly NewRecord[]): Promise<void>;
  /** To be called when what waits is in the topic. */
  start(): Promise<void>;
  readonly process: RunningProcess;
  /** Fails at once when the worker ends. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** Until all that is in the topic is committed. */
  untilCommitted(): Promise<void>;
  /** What its process has in memory, or had at the most, in MB. */
  memory(what: 'VmRSS' | 'VmHWM'): number;
  isAlive(): boolean;
  close(): Promise<void>;
}

/**
 * With a topic that is empty and a function that is quick; the worker itself is not started yet.
 */
export async function openSmallWorker(options: SmallWorkerOptions): Promise<SmallWorker> {
  const { kafka, redis, name, partitions, withinMs, heapMb = HEAP_MB } = options;
  const namespace = `${name}-${process.pid}-${Date.now().toString(36)}`;
  const topic = topicOf(namespace, 'events');
  const clients = createClients();
  const target = await startNumberedFunction();
  const log: EventLog = clients.open(kafka.split(','), { requestTimeoutMs: 30_000, deliveryTimeoutMs: 5 * MINUTE });
  let worker: RunningProcess | undefined;
  const started = () => worker ?? assert.fail('the worker has not been started');
  const isAlive = () => started().child.exitCode === null && started().child.signalCode === null;
  const until = (holds: () => boolean | Promise<boolean>, what: string) =>
    eventually(
      async () => {
        assert.ok(
          isAlive(),
          `the worker has ended after ${target.handled} events:\n${started().output().slice(-4000)}`,
        );
        return await holds();
      },
      what,
      withinMs,
    );
  const small: SmallWorker = {
    target,
    until,
    isAlive,
    get process() {
      return started();
    },
    append: async records => void (await log.append(topic, records)),
    async start() {
      worker = await startProcess({
        role: 'worker',
        directory: tempFolder({ 'app.yaml': applicationOf(namespace, target.url, options) }),
        services: { kafka, redis, prefix: namespace },
        env: {
          TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
          NODE_OPTIONS: `--max-old-space-size=${heapMb} --max-semi-space-size=2`,
        },
      });
    },
    async untilCommitted() {
      const ends = (await log.bounds(topic))?.map(({ end }) => end);
      const isCommitted = async () => {
        const positions = await log.positions(subscriptionGroupOf(namespace, 'all'), topic);
        return ends?.every((end, partition) => positions[partition]?.offset === end) ?? false;
      };
      await until(isCommitted, 'it commits the end');
    },
    memory(what) {
      const text = readFileSync(`/proc/${started().child.pid}/status`, 'utf8');
      return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
    },
    async close() {
      await worker?.end('SIGKILL');
      await log.deleteTopic(topic).catch(() => {});
      await clients.closeAll();
      target.close();
      removeTempFolders();
    },
  };
  try {
    await log.ensureTopic(topic, { partitions });
  } catch (error) {
    await small.close();
    throw error;
  }
  return small;
}

/** The event of this number among those of its key, as the function checks it. */
export function numberedRecord(key: string, number: number, value: Uint8Array): NewRecord {
  const headers = { ce_specversion: '1.0', ce_id: `${key}:${number}`, ce_source: '/test', ce_type: 'made' };
  return { key, value, headers };
}

function applicationOf(namespace: string, url: string, { partitions, subscription, timeout }: SmallWorkerOptions) {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`;
  return [
    resource('Topic', 'events', `  partitions: ${partitions}`),
    resource('Subscription', 'all', `  topic: events\n  to: { function: numbered }\n  from: earliest\n${subscription}`),
    resource('Function', 'numbered', `  url: ${url}${timeout === undefined ? '' : `\n  timeout: ${timeout}`}`),
  ].join('---\n');
}
