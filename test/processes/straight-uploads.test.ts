// Objects that a client writes straight into the bucket begin jobs as those do that come through
// the endpoints: each exactly one, whichever process dies in between.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { S3 } from '@aws-sdk/client-s3';
import { realWorld } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { type S3Server, s3, startS3 } from '../services/s3.ts';
import { s3ClientOf } from '../services/s3-client.ts';
import { canStart, findService } from '../services/service.ts';
import { standStill } from '../services/stand-still.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const MINUTE = 60_000;
const log = findService(kafka);
const store = findService(redis);

interface Item {
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
}

const name = `straight-${process.pid}-${Date.now().toString(36)}`;
const topic = `${name}-bucket`;
const running: RunningProcess[] = [];
/** Items by name of the object, by id: as many as there were jobs. */
const jobs = new Map<string, Map<string, Item>>();
let look: EventLog;
let bucket: S3Server;
let client: S3;
let service: Server;
let gateway: RunningProcess;
let worker: RunningProcess;
let startWorker: () => Promise<RunningProcess>;

const put = (object: string, Body = 'cat') =>
  client.putObject({
    Bucket: 'tenfold',
    Key: `${name}/data/objects/${name}/${object}`,
    Body,
    ContentType: 'image/jpeg',
  });
const ends = async () => (await look.bounds(topic))?.map(({ end }) => end) ?? [];
/** Until all that the bucket has said by now is heard, and what follows from it. */
const isQuiet = async () => {
  const said = await ends();
  const isHeard = async () => {
    const positions = await look.positions(`${name}.bucket.${topic}`, topic);
    return said.every((end, partition) => end === 0 || (positions[partition]?.offset ?? 0) >= end);
  };
  await eventually(isHeard, 'all is heard', 3 * MINUTE);
  const last = `uploads/last-${said.join('-')}.jpg`;
  await put(last);
  await eventually(() => jobs.has(last), 'the last one has begun', 3 * MINUTE);
};
const begun = (object: string) => jobs.get(object)?.size ?? 0;

if (log && store && canStart(s3))
  describe('uploads straight into a bucket', () => {
    before(async () => {
      look = openKafkaEventLog({ world: realWorld, connection: { brokers: log.url().split(',') } });
      await look.ensureTopic(topic, { partitions: 2 });
      bucket = await startS3(undefined, undefined, {
        VGW_EVENT_KAFKA_URL: log.url().split(',')[0] ?? '',
        VGW_EVENT_KAFKA_TOPIC: topic,
      });
      client = s3ClientOf(bucket.url);
      service = createServer(async (request, response) => {
        const item = (await json(request)) as Item;
        const known = jobs.get(item.name) ?? new Map<string, Item>();
        jobs.set(item.name, known.set(String(request.headers['ce-id']), item));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
      service.listen(0, '127.0.0.1');
      await once(service, 'listening');
      const { port } = service.address() as AddressInfo;
      const directory = tempFolder({ 'app.yaml': applicationOf(name, topic, `http://127.0.0.1:${port}`) });
      const services = { kafka: log.url(), redis: store.url(), s3: bucket.url, prefix: name };
      const env = {
        TENFOLD_LOG_KAFKA_TOPIC_PREFIX: `${name}.`,
        TENFOLD_BLOBS_S3_EVENTS_TOPIC: topic,
        TENFOLD_BLOBS_S3_KEYS: 'plain',
        TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
      };
      const start = async (role: 'gateway' | 'worker') => {
        const started = await startProcess({ role, directory, services, env });
        running.push(started);
        return started;
      };
      startWorker = () => start('worker');
      [gateway, worker] = await Promise.all([start('gateway'), startWorker()]);
      await eventually(async () => (await gateway.isReady()) && (await worker.isReady()), 'both are ready');
      // What is there before a FanOut follows uploads is not its affair.
      let tries = 0;
      let putAt = Number.NEGATIVE_INFINITY;
      await eventually(async () => {
        // Not as fast as can be: a slow machine would work at what has come of them for minutes.
        if (performance.now() - putAt > 2000) {
          await put(`uploads/first-${tries++}.jpg`);
          putAt = performance.now();
        }
        return jobs.size > 0;
      }, 'uploads are followed');
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      client?.destroy();
      service?.close();
      await look?.deleteTopic(topic);
      await look?.close();
      await bucket?.process.stop();
      removeTempFolders();
    });

    it('begin one job each, as do those through the endpoint', async () => {
      const strange = ['a b+c.jpg', '100%.jpg', 'ä!.jpg', 'x\u0085y.jpg'].map(each => `uploads/${each}`);
      await Promise.all([...strange, 'uploads/cat.jpg'].map(object => put(object)));
      await put('uploads/cat.txt');
      await put('elsewhere/cat.jpg');
      const answer = await fetch(`${gateway.addresses.public}/uploads/endpoint.jpg`, {
        method: 'PUT',
        body: 'through the endpoint',
      });
      assert.equal(answer.status, 202);
      await eventually(
        () => [...strange, 'uploads/cat.jpg', 'uploads/endpoint.jpg'].every(object => begun(object) > 0),
        'all have begun',
      ).catch(error => assert.fail(`${error.message}: ${[...jobs.keys()]}`));
      await isQuiet();
      for (const object of [...strange, 'uploads/cat.jpg', 'uploads/endpoint.jpg'])
        assert.equal(begun(object), 1, object);
      assert.equal(begun('uploads/cat.txt') + begun('elsewhere/cat.jpg'), 0);
      const [cat] = jobs.get('uploads/cat.jpg')?.values() ?? [];
      assert.partialDeepStrictEqual(cat, { size: 3, contentType: 'image/jpeg' });
    });

    it('begin another job when they are written anew', async () => {
      await put('uploads/again.jpg', 'one');
      await eventually(() => begun('uploads/again.jpg') === 1, 'the first has begun');
      await put('uploads/again.jpg', 'two');
      await eventually(() => begun('uploads/again.jpg') === 2, 'the second has begun');
    });

    describeDeaths();
    it('begin a job where the event comes through a route, as those of AWS do', async () => {
      await put('uploads/bridged.jpg');
      await eventually(() => begun('uploads/bridged.jpg') === 1, 'the bucket has said so');
      const key = `${name}/data/objects/${name}/uploads/bridged.jpg`;
      // Without a word of the bucket: by another server over the same folder.
      const silent = await startS3(undefined, bucket.folder);
      const other = s3ClientOf(silent.url);
      await other.putObject({ Bucket: 'tenfold', Key: key, Body: 'anew' });
      other.destroy();
      await silent.process.stop();
      const event = { 'detail-type': 'Object Created', detail: { bucket: { name: 'tenfold' }, object: { key } } };
      const answer = await fetch(`${gateway.addresses.public}/bucket-events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
      assert.equal(answer.status, 204);
      await eventually(() => begun('uploads/bridged.jpg') === 2, 'the job has begun');
    });

    it('hold up nothing where somebody writes what is no event into the topic', async () => {
      const hostile = ['', 'no event', '{"Records":7}', `{"Records":[${'{},'.repeat(1000)}{}]}`];
      await look.append(
        topic,
        hostile.map((text, index) => ({ key: null, partition: index % 2, value: Buffer.from(text), headers: {} })),
      );
      await put('uploads/after-all.jpg');
      await eventually(() => begun('uploads/after-all.jpg') > 0, 'the job has begun', 3 * MINUTE);
      await isQuiet();
      assert.equal(begun('uploads/after-all.jpg'), 1);
      assert.match(worker.output(), /an event of the bucket was left out/);
    });
  });

function describeDeaths(): void {
  it('begin one job when the worker dies between the event and the journal', async () => {
    standStill(worker.child.pid ?? assert.fail());
    const before = (await ends()).reduce((sum, end) => sum + end, 0);
    await Promise.all([put('uploads/dying-1.jpg'), put('uploads/dying-2.jpg')]);
    const isSaid = async () => (await ends()).reduce((sum, end) => sum + end, 0) >= before + 2;
    await eventually(isSaid, 'the bucket has said so');
    const answer = await fetch(`${gateway.addresses.public}/uploads/dying-endpoint.jpg`, {
      method: 'PUT',
      body: 'x',
    });
    assert.equal(answer.status, 202);
    await worker.end('SIGKILL');
    worker = await startWorker();
    const all = ['uploads/dying-1.jpg', 'uploads/dying-2.jpg', 'uploads/dying-endpoint.jpg'];
    await eventually(() => all.every(object => begun(object) > 0), 'all have begun', 3 * MINUTE);
    await isQuiet();
    for (const object of all) assert.equal(begun(object), 1, object);
  });

  it('begin one job each while workers are killed again and again', async () => {
    const objects = Array.from({ length: 40 }, (_, index) => `uploads/killed-${index}.jpg`);
    const writing = (async () => {
      for (const object of objects) {
        await put(object);
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    })();
    for (let kill = 0; kill < 2; kill++) {
      const seen = objects.filter(object => begun(object) > 0).length;
      const moves = () => objects.filter(object => begun(object) > 0).length > seen;
      await eventually(moves, 'it goes on', 3 * MINUTE);
      await worker.end('SIGKILL');
      worker = await startWorker();
    }
    await writing;
    await eventually(() => objects.every(object => begun(object) > 0), 'all have begun', 4 * MINUTE);
    await isQuiet();
    assert.deepEqual(
      objects.filter(object => begun(object) !== 1),
      [],
    );
  });
}

function applicationOf(namespace: string, topic: string, url: string): string {
  const resource = (kind: string, resourceName: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${resourceName}, namespace: ${namespace} }\nspec: ${spec}\n`;
  return [
    resource('Function', 'note', `{ url: "${url}" }`),
    resource(
      'FanOut',
      'pictures',
      `{ "on": { upload: { prefix: uploads/, suffixes: [.jpg] } }, split: "\${[event.data]}", worker: { function: note } }`,
    ),
    resource('Topic', 'bucket-events', `{ partitions: 2, kafka: { topic: ${topic} } }`),
    resource(
      'Api',
      'media',
      `
  routes:
    - { match: { method: PUT, path: "/uploads/:name" }, to: { fanOut: pictures } }
    - { match: { method: POST, path: /bucket-events }, to: { topic: bucket-events } }`,
    ),
  ].join('---\n');
}
