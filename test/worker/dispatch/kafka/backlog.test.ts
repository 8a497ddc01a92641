// F10: a worker whose heap is small works off a backlog that would not go into it, over a real Kafka, from a function that is away, then slow, then quick.
// At night (TENFOLD_NIGHTLY) with a million events, which takes some minutes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { subscriptionGroupOf, topicOf } from '../../../../core/names.ts';
import type { EventLog, NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { type RunningProcess, startProcess } from '../../../processes/start-process.ts';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { type NumberedFunction, startNumberedFunction } from './numbered-function.ts';

const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;
const EVENTS = isNight ? 1_000_000 : 60_000;
const KEYS = 1000;
/** Their events are parked, all of them, until everything else is done. */
const FAILING = 10;
const PARTITIONS = 6;
const VALUE = Buffer.alloc(isNight ? 2000 : 4000, 'x');
/** The backlog has four times as many bytes, at night thirty times, without what each event costs beside its own. */
const HEAP_MB = 64;
/** Of the whole process: the heap, buffers outside of it, what Node itself takes, and what is parked, which is ten thousand events at night. */
const MAX_RSS_MB = isNight ? 320 : 256;
const MINUTE = 60_000;
/** On a machine that is ten times as slow, too. */
const WITHIN_MS = 20 * MINUTE * (EVENTS / 100_000);

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe(`a backlog of ${EVENTS.toLocaleString('en')} events, and a worker with a heap of ${HEAP_MB} MB`, function () {
    this.timeout(WITHIN_MS);
    const namespace = `backlog-${process.pid}-${Date.now().toString(36)}`;
    const topic = topicOf(namespace, 'events');
    const clients = createClients();
    const rss: number[] = [];
    let events: EventLog;
    let target: NumberedFunction;
    let worker: RunningProcess;
    let watching: NodeJS.Timeout;
    const isAlive = () => worker.child.exitCode === null && worker.child.signalCode === null;
    const statusOf = (name: string) => {
      const text = readFileSync(`/proc/${worker.child.pid}/status`, 'utf8');
      return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
    };
    /** Ends at once when the worker does. */
    const until = (holds: () => boolean | Promise<boolean>, what: string) =>
      eventually(
        async () => {
          assert.ok(isAlive(), `the worker has ended:\n${worker.output().slice(-4000)}`);
          return await holds();
        },
        what,
        WITHIN_MS,
      );

    before(async () => {
      target = await startNumberedFunction();
      for (let key = 0; key < FAILING; key++) target.failing.add(`k${key}`);
      events = clients.open(log.url().split(','), { requestTimeoutMs: 30_000, deliveryTimeoutMs: 5 * MINUTE });
      await events.ensureTopic(topic, { partitions: PARTITIONS });
      for (let from = 0; from < EVENTS; from += 5000)
        await events.append(
          topic,
          Array.from({ length: 5000 }, (_, index) => recordOf(from + index)),
        );
      const files = { 'app.yaml': applicationOf(namespace, target.url) };
      worker = await startProcess({
        role: 'worker',
        directory: tempFolder(files),
        services: { kafka: log.url(), redis: store.url(), prefix: namespace },
        env: {
          TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
          NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --max-semi-space-size=2`,
        },
      });
      watching = setInterval(() => isAlive() && rss.push(statusOf('VmRSS')), 100);
    });
    after(async () => {
      clearInterval(watching);
      await worker?.end('SIGKILL');
      await events?.deleteTopic(topic).catch(() => {});
      await clients.closeAll();
      target?.close();
      removeTempFolders();
    });

    it('waits while the function is away, and goes on slowly while it is slow', async () => {
      target.pace = 'away';
      await until(() => target.failed >= 20, 'the function is tried again');
      target.pace = 'slow';
      await until(() => target.handled >= 1000, 'slow calls are answered');
    });

    it('does the rest when the function is quick; keys that fail hold up no others', async () => {
      target.pace = 'quick';
      const others = ((KEYS - FAILING) * EVENTS) / KEYS;
      await until(() => target.handled === others, 'all but the keys that fail is done');
    });

    it('has delivered every event, those of each key in order, and says so in Kafka', async () => {
      target.failing.clear();
      await until(() => target.handled === EVENTS, 'all is done');
      assert.deepEqual(target.wrong, []);
      const ends = (await events.bounds(topic))?.map(({ end }) => end);
      const committed = async () => {
        const positions = await events.positions(subscriptionGroupOf(namespace, 'all'), topic);
        return ends?.every((end, partition) => positions[partition]?.offset === end) ?? false;
      };
      await until(committed, 'it commits the end');
    });

    it(`never had more than ${MAX_RSS_MB} MB, and no more in the end than before`, async () => {
      const most = statusOf('VmHWM');
      const quarter = (at: number) => medianOf(rss.slice((rss.length * at) / 4, (rss.length * (at + 1)) / 4));
      const [second, last] = [quarter(1), quarter(3)];
      assert.ok(most <= MAX_RSS_MB, `${most} MB`);
      assert.ok(last <= second * 1.5, `${second} MB in the second quarter, ${last} MB in the last`);
      assert.equal(await worker.end('SIGTERM'), 0);
    });
  });

function recordOf(number: number): NewRecord {
  const key = `k${number % KEYS}`;
  const headers = {
    ce_specversion: '1.0',
    ce_id: `${key}:${Math.floor(number / KEYS)}`,
    ce_source: '/test',
    ce_type: 'made',
  };
  return { key, value: VALUE, headers };
}

function applicationOf(namespace: string, url: string): string {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`;
  return [
    resource('Topic', 'events', `  partitions: ${PARTITIONS}`),
    resource(
      'Subscription',
      'all',
      '  topic: events\n  to: { function: numbered }\n  from: earliest\n  concurrency: 64\n  retry: { attempts: 1000, backoff: constant, initial: 500ms, max: 1s }',
    ),
    resource('Function', 'numbered', `  url: ${url}`),
  ].join('---\n');
}

function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
