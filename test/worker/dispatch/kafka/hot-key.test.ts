// F39: half of all events are of one key, whose calls take long, over a real Kafka: all other keys go on, and what waits of it takes a bounded part of the memory.
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

const HOT = 'hot';
const KEYS = 100;
/** Of the hot key, and as many of all others together. */
const HALF = 2000;
/** Of the hot key alone, behind those: more bytes than the heap has. */
const MORE = 4000;
const [SMALL, LARGE] = [Buffer.alloc(1000, 'x'), Buffer.alloc(20_000, 'x')];
const PARTITIONS = 3;
/** May wait aside, a third of it in each partition: room for the small ones of the hot key, and not for the large ones. */
const PARKED_MB = 24;
const HEAP_MB = 64;
/** As where a backlog is worked off, and what waits aside. */
const MAX_RSS_MB = 256 + PARKED_MB;
const MINUTE = 60_000;

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe('a hot key with half of all events, over Kafka', function () {
    this.timeout(10 * MINUTE);
    const namespace = `hot-${process.pid}-${Date.now().toString(36)}`;
    const topic = topicOf(namespace, 'events');
    const clients = createClients();
    const numbers = new Map<string, number>();
    let events: EventLog;
    let target: NumberedFunction;
    let worker: RunningProcess;
    let letGo: () => void;
    const until = (holds: () => boolean | Promise<boolean>, what: string) =>
      eventually(
        async () => {
          const { exitCode, signalCode } = worker.child;
          assert.ok(exitCode === null && signalCode === null, `the worker has ended:\n${worker.output().slice(-4000)}`);
          return await holds();
        },
        what,
        5 * MINUTE,
      );
    const recordOf = (key: string, value: Buffer): NewRecord => {
      const number = numbers.get(key) ?? 0;
      numbers.set(key, number + 1);
      const headers = { ce_specversion: '1.0', ce_id: `${key}:${number}`, ce_source: '/test', ce_type: 'made' };
      return { key, value, headers };
    };
    const publish = async (keys: readonly string[], value: Buffer) => {
      for (let from = 0; from < keys.length; from += 500)
        await events.append(
          topic,
          keys.slice(from, from + 500).map(key => recordOf(key, value)),
        );
    };
    const isFull = async () =>
      /^tenfold_consumer_full\{[^}]*name="all"[^}]*\} 1$/m.test(await (await worker.admin('/metrics')).text());

    before(async () => {
      target = await startNumberedFunction();
      letGo = target.hold(HOT);
      events = clients.open(log.url().split(','), { requestTimeoutMs: 30_000, deliveryTimeoutMs: MINUTE });
      await events.ensureTopic(topic, { partitions: PARTITIONS });
      const keys = Array.from({ length: 2 * HALF }, (_, at) => (at % 2 === 0 ? HOT : `k${(at >> 1) % KEYS}`));
      await publish(keys, SMALL);
      worker = await startProcess({
        role: 'worker',
        directory: tempFolder({ 'app.yaml': applicationOf(namespace, target.url) }),
        services: { kafka: log.url(), redis: store.url(), prefix: namespace },
        env: {
          TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
          NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --max-semi-space-size=2`,
        },
      });
    });
    after(async () => {
      await worker?.end('SIGKILL');
      await events?.deleteTopic(topic).catch(() => {});
      await clients.closeAll();
      target?.close();
      removeTempFolders();
    });

    it('holds up no other key, though not one of its events is done', async () => {
      await until(() => target.handled === HALF, 'all others are done');
      assert.equal(target.of(HOT), 0);
    });

    it('takes no more memory than may wait aside: then nothing more is read, which is told', async () => {
      await publish(
        Array.from({ length: MORE }, () => HOT),
        LARGE,
      );
      await until(isFull, 'it says that so much waits');
      assert.equal(target.of(HOT), 0);
    });

    it('is delivered in order and once when its calls are answered, and others go on beside it', async () => {
      letGo();
      await publish(
        Array.from({ length: KEYS }, (_, key) => `k${key}`),
        SMALL,
      );
      const all = 2 * HALF + MORE + KEYS;
      await until(() => target.handled === all, 'all is done');
      assert.deepEqual([target.wrong, target.repeats], [[], 0]);
      const ends = (await events.bounds(topic))?.map(({ end }) => end);
      const committed = async () => {
        const positions = await events.positions(subscriptionGroupOf(namespace, 'all'), topic);
        return ends?.every((end, partition) => positions[partition]?.offset === end) ?? false;
      };
      await until(committed, 'it commits the end');
      const status = readFileSync(`/proc/${worker.child.pid}/status`, 'utf8');
      const most = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
      assert.ok(most <= MAX_RSS_MB, `${most} MB`);
      assert.equal(await worker.end('SIGTERM'), 0);
    });
  });

function applicationOf(namespace: string, url: string): string {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`;
  return [
    resource('Topic', 'events', `  partitions: ${PARTITIONS}`),
    resource(
      'Subscription',
      'all',
      `  topic: events\n  to: { function: numbered }\n  from: earliest\n  concurrency: 32\n  parking: { maxSize: ${PARKED_MB}Mi }`,
    ),
    resource('Function', 'numbered', `  url: ${url}\n  timeout: 10m`),
  ].join('---\n');
}
