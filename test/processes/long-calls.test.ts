// F8: a worker that is asked to stop while a function is at work for longer than
// the session of its group.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const SESSION_MS = 10_000;
const CALL_MS = 2 * SESSION_MS;

interface Call {
  readonly id: string;
  readonly attempt: string;
  /** Its caller left before it was answered. */
  left: boolean;
  readonly response: ServerResponse;
}

const [log, store] = [findService(kafka), findService(redis)];
if (log && store)
  describe('a worker that is stopped during a long call', () => {
    const running: RunningProcess[] = [];
    const calls: Call[] = [];
    /** Ids whose first calls go on until somebody answers them. */
    const long = new Set<string>();
    let server: Server;
    let gateway: RunningProcess;
    let start: (role: 'gateway' | 'worker', drain: string) => Promise<RunningProcess>;

    before(async () => {
      server = createServer((request, response) => {
        const [id, attempt] = [String(request.headers['ce-id']), String(request.headers['tenfold-attempt'])];
        const isFirst = of(id).length === 0;
        const call: Call = { id, attempt, left: false, response };
        calls.push(call);
        request.resume();
        response.once('close', () => {
          call.left = !response.writableEnded;
        });
        if (!isFirst || !long.has(id)) response.writeHead(204).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const namespace = `long-${process.pid}-${Date.now().toString(36)}`;
      const resource = (kind: string, name: string, spec: string) =>
        `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
      const directory = tempFolder({
        'app.yaml': [
          resource('Topic', 'orders', '{ partitions: 1, key: "${event.subject}" }'),
          resource('Subscription', 'notes', '{ topic: orders, to: { function: note }, from: earliest }'),
          resource('Function', 'note', `{ url: "http://127.0.0.1:${port}", timeout: 5m }`),
          resource('Api', 'shop', '{ routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }'),
        ].join('---\n'),
      });
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      start = async (role, drain) => {
        const env = { TENFOLD_DRAIN: drain, TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1' };
        const started = await startProcess({ role, directory, services, env });
        running.push(started);
        await eventually(() => started.isReady(), 'it is ready');
        return started;
      };
      gateway = await start('gateway', '1s');
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      server?.closeAllConnections();
      server?.close();
      removeTempFolders();
    });

    const of = (id: string) => calls.filter(call => call.id === id);
    /** All of one key, so that one is delivered when those before it are done. */
    const order = async (id: string) => {
      const headers = {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': id,
        'ce-type': 'ordered',
        'ce-source': '/shop',
        'ce-subject': 'key',
      };
      const response = await fetch(`${gateway.addresses.public}/orders`, { method: 'POST', headers, body: '{}' });
      assert.equal(response.status, 204, await response.text());
    };
    const isDelivered = (id: string) => eventually(() => of(id).length > 0, `${id} is delivered`);

    it('lets it end in its time, keeps what came of it, and nobody makes the call again', async () => {
      const worker = await start('worker', '4m');
      long.add('long-1');
      await order('long-1');
      await isDelivered('long-1');
      const began = performance.now();
      const next = await start('worker', '1s');
      const ended = worker.end('SIGTERM');
      await order('after-1');
      await eventually(() => performance.now() > began + CALL_MS, 'it has been long');
      assert.equal(worker.child.exitCode, null, worker.output());
      const [call] = of('long-1');
      call?.response.writeHead(204).end();
      assert.equal(await ended, 0, worker.output());
      await isDelivered('after-1');
      assert.deepEqual(
        of('long-1').map(({ attempt, left }) => ({ attempt, left })),
        [{ attempt: '1', left: false }],
      );
      assert.equal(of('after-1').length, 1);
      await next.end('SIGTERM');
    });

    it('breaks it off when its time is over: another makes the call again, and nothing counts against the event', async () => {
      const worker = await start('worker', '2s');
      long.add('long-2');
      await order('long-2');
      await isDelivered('long-2');
      const next = await start('worker', '1s');
      const ended = worker.end('SIGTERM');
      await order('after-2');
      assert.equal(await ended, 0, worker.output());
      await isDelivered('after-2');
      assert.deepEqual(
        of('long-2').map(({ attempt, left }) => ({ attempt, left })),
        [
          { attempt: '1', left: true },
          { attempt: '1', left: false },
        ],
      );
      assert.equal(of('after-2').length, 1);
      await next.end('SIGTERM');
    });
  });
