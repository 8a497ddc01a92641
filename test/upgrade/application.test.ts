// F12: what an earlier release has left of an application over Kafka, Redis and S3 is read, and
// gone on with: Views, windows, archives, jobs and fan-outs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readGenerations } from '../../core/views/view-generations.ts';
import { realWorld } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { s3Cases } from '../drivers/blob-store/s3/s3-cases.ts';
import { redisCases } from '../drivers/store/redis/redis-cases.ts';
import { startHttpWorker } from '../event-plane/http-worker.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { s3, toS3Connection } from '../services/s3.ts';
import { findService } from '../services/service.ts';
import { fixtureOf } from './fixture.ts';
import { dumpKafka, groupsOf, loadKafka } from './kafka-image.ts';
import { dumpRedis, loadRedis } from './redis-image.ts';
import { dumpS3, loadS3 } from './s3-image.ts';

const RELEASES = ['0.1'];
/** Of all names: Kafka may be shared with other tests. */
const PREFIX = 'upgrade-app.';

const documents = (worker: string) => `kind: Topic
metadata: { name: orders }
spec: { partitions: 1, key: "\${event.data.shop}" }
---
kind: Topic
metadata: { name: counts }
spec: { partitions: 1 }
---
kind: View
metadata: { name: orders }
spec: { from: [orders], table: { key: "\${event.data.id}" } }
---
kind: View
metadata: { name: sales }
spec: { from: [orders], ranking: { member: "\${event.data.shop}", score: "\${event.data.cups}", mode: sum } }
---
kind: View
metadata: { name: counts }
spec: { from: [counts], table: { key: "\${event.data.key + ' ' + event.data.start}" } }
---
kind: Pipeline
metadata: { name: hours }
spec:
  from: { topic: orders, start: earliest }
  time: { maxDisorder: 1s, idle: 1h }
  steps: [{ window: { tumbling: 1h, by: "\${event.data.shop}", aggregate: { n: count(), cups: sum(event.data.cups) } } }]
  to: [{ topic: counts }]
---
kind: Pipeline
metadata: { name: raw }
spec:
  from: { topic: orders, start: earliest }
  to: [{ archive: { format: jsonl, compression: none, roll: { every: 1s } } }]
---
kind: Queue
metadata: { name: work }
spec: { to: { url: "${worker}" }, result: { ttl: 365d }, retry: { attempts: 1000, initial: 200ms, max: 200ms } }
---
kind: FanOut
metadata: { name: squares }
spec:
  split: "\${event.data.numbers}"
  worker: { url: "${worker}", retry: { attempts: 1000, initial: 200ms, max: 200ms } }
  complete: { deadline: 30d }
`;
const yamlOf = (worker: string) =>
  documents(worker)
    .split('---\n')
    .map(each => `apiVersion: tenfold.dev/v1alpha1\n${each}`)
    .join('---\n');

interface Job {
  readonly id: string;
  readonly state: string;
  readonly attempts?: number;
  readonly items?: { readonly succeeded: number };
  readonly result?: { readonly body?: unknown };
}

const log = findService(kafka);
let brokers: string[];
let worker: Awaited<ReturnType<typeof startHttpWorker>>;
/** Whether 13 can be worked. */
let repaired = false;
let platform: Platform | undefined;

const clear = async () => {
  const kept = openKafkaEventLog({ world: realWorld, connection: { brokers }, requestTimeoutMs: 30_000 });
  const mine = async () => (await kept.topics()).filter(({ name }) => name.startsWith(PREFIX));
  for (const { name } of await mine()) await kept.deleteTopic(name);
  await eventually(async () => (await mine()).length === 0, 'nothing is there');
  await kept.close();
};

const start = async (redisUrl: string, s3Url: string) => {
  const { endpoint, bucket, credentials } = toS3Connection(s3Url);
  const directory = tempFolder({ 'app.yaml': yamlOf(worker.url) });
  platform = await startPlatform({
    directory,
    watch: false,
    host: '127.0.0.1',
    ports: { public: 0, internal: 0, admin: 0 },
    services: {
      log: { kafka: { brokers, clientId: 'upgrade', topicPrefix: PREFIX, compression: 'none' } },
      store: { redis: { urls: [redisUrl], mode: 'single', prefix: 'tenfold' } },
      blobs: { s3: { bucket, endpoint, pathStyle: true, prefix: '', ...credentials } },
    },
    events: {},
  });
  const { internal } = platform.addresses;
  const { internalKey } = JSON.parse(readFileSync(join(directory, '.tenfold', 'platform.json'), 'utf8'));
  const ask = async (url: string, body?: unknown, type = 'application/json') => {
    const headers = { 'content-type': type, 'tenfold-key': internalKey };
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(url, { headers, ...init });
    const said = await answer.text();
    if (answer.status === 404) return undefined;
    assert.ok(answer.ok, `${url}: ${answer.status} ${said}`);
    return said === '' ? undefined : JSON.parse(said);
  };
  return {
    order: (id: string, shop: string, cups: number, time: string) =>
      ask(
        `${internal}/topics/orders`,
        { specversion: '1.0', id, source: '/t', type: 'Order', time, data: { id, shop, cups } },
        'application/cloudevents+json',
      ),
    add: (path: string, data: unknown): Promise<Job> => ask(`${internal}/${path}`, data),
    job: (path: string, id: string): Promise<Job> => ask(`${internal}/${path}/${id}`),
    view: (name: string, query: string) => ask(`${internal}/views/${name}?${query}`),
  };
};

type App = Awaited<ReturnType<typeof start>>;
const salesOf = async (app: App) => {
  const { items = [] } = (await app.view('sales', 'top=10')) ?? {};
  return items.map(({ member, score }: { member: string; score: number }) => `${member} ${score}`).join(', ');
};
const handledBy = async (pipeline: string) =>
  (await platform?.view.events.pipelines())?.find(({ name }) => name === pipeline)?.handled;
/** All files of the archive, and the ids of the events in them. */
const archived = async (blobs: BlobStore) => {
  const files = (await blobs.list('archive/', { limit: 100 })).blobs
    .map(({ key }) => key)
    .filter(key => key.endsWith('.jsonl'));
  const lines = await Promise.all(
    files.map(async key => (await text((await blobs.get(key))?.body ?? assert.fail(key))).trim().split('\n')),
  );
  return {
    files,
    ids: lines
      .flat()
      .map(line => JSON.parse(line).id)
      .toSorted(),
  };
};

if (log && findService(redis) && findService(s3))
  for (const release of RELEASES)
    describe(`what release ${release} has left of an application`, () => {
      const [redisServers, s3Servers] = [redisCases(), s3Cases()];

      beforeEach(async () => {
        brokers = log.url().split(',');
        await clear();
        repaired = false;
        worker = await startHttpWorker(({ body }, response) => {
          const data = JSON.parse(body);
          const number = typeof data === 'number' ? data : data.number;
          const status = number === 13 && !repaired ? 500 : 200;
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(number * number));
        });
      });
      afterEach(async () => {
        await platform?.close(5_000);
        platform = undefined;
        await worker.close();
        await clear();
        removeTempFolders();
      });

      /** Until all that can be done is: 13 cannot be worked yet. */
      const live = async () => {
        const [server, bucket] = [await redisServers.redis(), await s3Servers.server()];
        const app = await start(server.url, bucket.url);
        await app.order('o1', 'ada', 2, '2026-01-01T10:05:00Z');
        await app.order('o2', 'bob', 1, '2026-01-01T10:10:00Z');
        await app.order('o3', 'ada', 3, '2026-01-01T10:20:00Z');
        const jobs = {
          done: await app.add('queues/work', { number: 3 }),
          waits: await app.add('queues/work', { number: 13 }),
        };
        const fanOut = await app.add('fan-outs/squares', { numbers: [2, 13, 4] });
        const holds = (what: string, is: () => Promise<boolean>) => eventually(is, what);
        await holds('one job is done', async () => (await app.job('queues/work', jobs.done.id)).state === 'succeeded');
        await holds('one waits', async () => (await app.job('queues/work', jobs.waits.id)).state === 'waiting');
        const items = async () => (await app.job('fan-outs/squares', fanOut.id)).items;
        await holds('two items are done', async () => (await items())?.succeeded === 2);
        await holds('the sales are told', async () => (await salesOf(app)) === 'ada 5, bob 1');
        await holds('the orders are told', async () => (await app.view('orders', 'key=o3'))?.cups === 3);
        const blobs = await s3Servers.store(bucket.url);
        await holds('all is in files', async () => (await archived(blobs)).ids.join() === 'o1,o2,o3');
        await holds('all is in windows', async () => (await handledBy('hours')) === 3);
        await platform?.close(5_000);
        platform = undefined;
        const groups = await groupsOf(brokers, PREFIX);
        return {
          at: Date.now(),
          jobs,
          fanOut,
          kafka: await dumpKafka(brokers, PREFIX, groups),
          redis: await dumpRedis(server.url),
          s3: await dumpS3(bucket.url),
        };
      };

      it('is read, and gone on with', async () => {
        const left = await fixtureOf(release, 'application', live);
        await clear();
        const [server, bucket] = [await redisServers.redis(), await s3Servers.server()];
        const shiftMs = Date.now() - left.at;
        const rename = await loadKafka(brokers, left.kafka, shiftMs);
        await loadRedis(server.url, left.redis, { shiftMs, rename });
        await loadS3(bucket.url, left.s3);
        const [store, blobs] = [
          await redisServers.store(server.url, { prefix: 'tenfold' }),
          await s3Servers.store(bucket.url),
        ];
        const generations = () =>
          Promise.all(
            ['orders', 'sales', 'counts'].map(
              async name => (await readGenerations(store, 'default', name)).serving?.id,
            ),
          );
        const before = { generations: await generations(), files: (await archived(blobs)).files };
        assert.ok(before.generations.every(id => id !== undefined));
        repaired = true;
        worker.seen.length = 0;
        const app = await start(server.url, bucket.url);
        const holds = (what: string, is: () => Promise<boolean>) => eventually(is, what);

        assert.deepEqual((await app.job('queues/work', left.jobs.done.id)).result?.body, 9);
        await holds(
          'the job that waited is done',
          async () => (await app.job('queues/work', left.jobs.waits.id)).state === 'succeeded',
        );
        assert.ok(((await app.job('queues/work', left.jobs.waits.id)).attempts ?? 0) > 1);
        await holds(
          'the fan-out is done',
          async () => (await app.job('fan-outs/squares', left.fanOut.id)).state === 'succeeded',
        );
        assert.deepEqual(
          worker.seen.map(({ body }) => body).toSorted(),
          ['13', '{"number":13}'],
          'what was done is not done again',
        );

        assert.equal(await salesOf(app), 'ada 5, bob 1');
        assert.equal((await app.view('orders', 'key=o1')).cups, 2);
        await app.order('o4', 'ada', 1, '2026-01-01T10:30:00Z');
        await app.order('o5', 'bob', 4, '2026-01-01T13:00:00Z');
        await holds('the sales go on', async () => (await salesOf(app)) === 'ada 6, bob 5');
        const window = async (shop: string) => {
          const row = await app.view('counts', `key=${encodeURIComponent(`${shop} 2026-01-01T10:00:00.000Z`)}`);
          return row && [row.n, row.cups];
        };
        await holds('the windows are closed', async () => (await window('bob')) !== undefined);
        assert.deepEqual(
          [await window('ada'), await window('bob')],
          [
            [3, 6],
            [1, 1],
          ],
        );
        await holds('all is in files', async () => (await archived(blobs)).ids.length === 5);
        const { ids, files } = await archived(blobs);
        assert.deepEqual(ids, ['o1', 'o2', 'o3', 'o4', 'o5'], 'each is in one file');
        for (const key of before.files) assert.ok(files.includes(key), key);
        assert.deepEqual(await generations(), before.generations, 'nothing is built anew');
      });
    });
