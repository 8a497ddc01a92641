// The limit of a function that a route, a queue, a subscription and a fan-out call at the same
// time, over two gateways and two workers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const MINUTE = 60_000;
const LIMIT = 4;
/** By each kind of caller. */
const CALLS = 60;
const WORK_MS = 30;
/** Requests in an hour. */
const RATE = 40;
const CALLERS = ['route', 'queue', 'subscription', 'fan-out'] as const;

const log = findService(kafka);
const store = findService(redis);

interface Counted {
  /** In flight at the same time, since the first call. */
  most: number;
  /** By who called. */
  readonly done: Map<string, number>;
}

/** Counts a call from when it arrives until its work is done. */
async function startCounting(counted: Counted): Promise<Server> {
  let working = 0;
  const server = createServer(async (request, response) => {
    counted.most = Math.max(counted.most, ++working);
    const { caller }: { readonly caller: string } = JSON.parse(await text(request));
    await pause(WORK_MS);
    working--;
    counted.done.set(caller, (counted.done.get(caller) ?? 0) + 1);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

if (log && store)
  describe('the limit of a function', () => {
    const counted: Counted = { most: 0, done: new Map() };
    const running: RunningProcess[] = [];
    let service: Server;

    before(async () => {
      service = await startCounting(counted);
      const { port } = service.address() as AddressInfo;
      const name = `limits-${process.pid}-${Date.now().toString(36)}`;
      const directory = tempFolder({ 'app.yaml': applicationOf(name, `http://127.0.0.1:${port}`) });
      const services = { kafka: log.url(), redis: store.url(), prefix: name };
      const env = { TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1' };
      const start = async (role: 'gateway' | 'worker') => {
        const started = await startProcess({ role, directory, services, ...(role === 'worker' ? { env } : {}) });
        running.push(started);
        return started;
      };
      await Promise.all([start('gateway'), start('gateway'), start('worker'), start('worker')]);
      const ready = async () => (await Promise.all(running.map(each => each.isReady()))).every(Boolean);
      await eventually(ready, 'all are ready', 3 * MINUTE);
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      service?.close();
      removeTempFolders();
    });

    it('holds over all that call it, in whichever process, and each of them gets its part', async () => {
      const addresses = running.map(({ addresses }) => addresses.public).filter(address => address !== '');
      assert.equal(addresses.length, 2);
      const post = async (path: string, number: number, body: object) => {
        const answer = await fetch(`${addresses[number % addresses.length]}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        assert.ok(answer.ok, `${path} is answered ${answer.status}: ${await answer.text()}`);
      };
      const numbers = Array.from({ length: CALLS }, (_, number) => number);
      const each = (path: string, caller: string) => numbers.map(number => post(path, number, { caller, number }));
      await Promise.all([
        ...each('/calls', 'route'),
        ...each('/jobs', 'queue'),
        ...each('/events', 'subscription'),
        post('/divided', 0, { parts: numbers.map(number => ({ caller: 'fan-out', number })) }),
      ]);
      const isDone = () => CALLERS.every(caller => (counted.done.get(caller) ?? 0) >= CALLS);
      await eventually(isDone, 'all have been called', 4 * MINUTE).catch(error => {
        throw new Error(`${error.message}: ${JSON.stringify([...counted.done])}`);
      });
      assert.ok(counted.most <= LIMIT, `${counted.most} calls were in flight, ${LIMIT} are allowed`);
      assert.ok(counted.most > 1, 'calls are made at the same time');
    });

    it('of requests in a period counts what all gateways let in', async () => {
      const addresses = running.map(({ addresses }) => addresses.public).filter(address => address !== '');
      const statuses: number[] = [];
      const ask = async (number: number) => {
        const body = JSON.stringify({ caller: 'rated' });
        const answer = await fetch(`${addresses[number % addresses.length]}/rated`, { method: 'POST', body });
        await answer.text();
        statuses.push(answer.status);
      };
      const inTurn = async () => {
        for (let number = 0; number < 2 * RATE; number++) await ask(number);
      };
      await Promise.all([inTurn(), inTurn()]);
      const answered = (status: number) => statuses.filter(each => each === status).length;
      assert.equal(answered(200) + answered(429), 4 * RATE, String(statuses));
      assert.equal(answered(200), RATE);
      assert.equal(counted.done.get('rated'), RATE);
    });
  });

function applicationOf(namespace: string, url: string): string {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
  const retry = 'retry: { attempts: 1000, backoff: constant, initial: 100ms, max: 1s }';
  return [
    resource('Function', 'limited', `{ url: "${url}", timeout: 60s, limits: { concurrency: ${LIMIT}, maxWait: 29s } }`),
    resource('Topic', 'events', '{ partitions: 4 }'),
    resource('Subscription', 'notes', `{ topic: events, to: { function: limited }, from: earliest, ${retry} }`),
    resource('Queue', 'jobs', `{ to: { function: limited }, concurrency: 16, partitions: 2, ${retry} }`),
    resource(
      'FanOut',
      'divided',
      `{ split: "\${event.data.parts}", worker: { function: limited, concurrency: 16, ${retry} }, complete: { when: all, deadline: 1h } }`,
    ),
    resource(
      'Api',
      'doors',
      `
  routes:
    - { match: { method: POST, path: /calls }, to: { function: limited }, timeout: 29s }
    - { match: { method: POST, path: /rated }, to: { function: limited }, rateLimit: { rate: ${RATE}/h, by: all } }
    - { match: { method: POST, path: /events }, to: { topic: events } }
    - { match: { method: POST, path: /jobs }, to: { queue: jobs } }
    - { match: { method: POST, path: /divided }, to: { fanOut: divided } }`,
    ),
  ].join('---\n');
}
