// A queue as its users meet it: from a request to the result, through failures, cancelling,
// callbacks, and a restart in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../eventually.ts';
import { startHttpWorker } from './http-worker.ts';
import { type OpenLog, overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

const KEY = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
const yamlOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec:
  to: { url: "${url}" }
  concurrency: 4
  partitions: 2
  retry: { attempts: 3, initial: 10ms, max: 20ms, backoff: constant }
  callbacks: { secret: hooks, retry: { attempts: 3, initial: 10ms, max: 20ms } }
`;

const event = (id: string) => ({ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/x', 'ce-type': 'T' });

let folder: string;
let worker: Awaited<ReturnType<typeof startHttpWorker>>;
let receiver: Awaited<ReturnType<typeof startHttpWorker>>;
let running: Awaited<ReturnType<typeof runEventPlane>>;
const tries = new Map<string, number>();
const hanging = new Set<string>();
let callbackStatus: number;

const enqueue = async (what: string, headers: Record<string, string> = {}) => {
  const answer = await running.post('/queues/imports', JSON.stringify({ what }), headers);
  assert.equal(answer.status, 202, await answer.clone().text());
  return (await answer.json()) as { id: string; location: string };
};
const show = async (location: string) =>
  (await (await running.ask(location)).json()) as {
    state: string;
    attempts: number;
    error?: { message: string };
    nextAttemptAt?: string;
  };
const until = async (location: string, state: string) => {
  await eventually(async () => (await show(location)).state === state, `${location} is ${state}`);
  return show(location);
};

overEachLog('queue, from the endpoint to the result', log => {
  before(async () => {
    tries.clear();
    hanging.clear();
    callbackStatus = 204;
    folder = mkdtempSync(join(tmpdir(), 'tenfold-queue-'));
    worker = await startHttpWorker(({ request, body }, response) => {
      const { what } = JSON.parse(body) as { what: string };
      const id = String(request.headers['ce-id']);
      tries.set(id, (tries.get(id) ?? 0) + 1);
      if (what === 'hang') {
        hanging.add(id);
        request.socket.once('close', () => hanging.delete(id));
        return;
      }
      const status = what === 'refuse' ? 422 : what === 'fail' || (what === 'once' && tries.get(id) === 1) ? 500 : 200;
      response.writeHead(status, { 'content-type': status === 200 ? 'application/json' : 'application/problem+json' });
      response.end(
        JSON.stringify(
          status === 200
            ? {
                done: what,
                attempt: Number(request.headers['tenfold-attempt']),
                text: 'x'.repeat(what === 'large' ? 500_000 : 0),
              }
            : { detail: `it ${what}s` },
        ),
      );
    });
    receiver = await startHttpWorker((_, response) => {
      response.writeHead(callbackStatus, callbackStatus === 302 ? { location: `${worker.url}/` } : {});
      response.end();
    });
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder, secrets: { key: KEY } });
  });
  after(async () => {
    await running.close();
    await worker.close();
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  describeOutcomes();
  describeOrder(log);
  describeResults();
  it('knows its jobs after a restart', async () => {
    const { location } = await enqueue('work');
    await until(location, 'succeeded');
    const hung = await enqueue('hang');
    await until(hung.location, 'running');
    await running.close();
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder, secrets: { key: KEY } });
    assert.equal((await show(location)).state, 'succeeded');
    await until(hung.location, 'running');
    await running.ask(hung.location, { method: 'DELETE' });
    await until(hung.location, 'cancelled');
  });

  it('calls no address that strangers may not name, whatever name leads to it', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'tenfold-queue-'));
    const options = {
      log,
      yaml: yamlOf(worker.url),
      folder: elsewhere,
      secrets: { key: KEY },
      strangers: { allowLoopback: false },
    };
    const strict = await runEventPlane(options);
    const before = receiver.seen.length;
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    const answer = await strict.post('/queues/imports', '{"what":"work"}', { 'x-callback-url': url, prefer: 'wait=5' });
    assert.equal(answer.status, 200);
    const dead = async () =>
      (await strict.log.bounds('callbacks.default.imports.dead'))?.some(({ end }) => end > 0) ?? false;
    await eventually(dead, 'the callback is given up');
    assert.equal(receiver.seen.length, before);
    await strict.close();
    rmSync(elsewhere, { recursive: true });
  });
});

function describeOutcomes(): void {
  it('works a job and keeps its result', async () => {
    const { location } = await enqueue('work');
    await until(location, 'succeeded');
    assert.deepEqual(await (await running.ask(`${location}/result`)).json(), { done: 'work', attempt: 1, text: '' });
  });

  it('gives a client that waits the result', async () => {
    const answer = await running.post('/queues/imports', '{"what":"work"}', { prefer: 'wait=10' });
    assert.equal(answer.status, 200);
    assert.partialDeepStrictEqual(await answer.json(), { done: 'work' });
  });

  it('tries again, and counts', async () => {
    const { location } = await enqueue('once');
    assert.equal((await until(location, 'succeeded')).attempts, 2);
  });

  it('ends as failed when nothing helps, and at once when the target refuses', async () => {
    const [failing, refused] = [await enqueue('fail'), await enqueue('refuse')];
    const failed = await until(failing.location, 'failed');
    assert.partialDeepStrictEqual(failed, { attempts: 3, error: { message: 'it fails' } });
    assert.partialDeepStrictEqual(await until(refused.location, 'failed'), { attempts: 1, error: { status: 422 } });
  });

  it('ends a job that runs when it is cancelled, and the function sees it', async () => {
    const { location } = await enqueue('hang');
    await until(location, 'running');
    assert.equal(hanging.size, 1);
    await running.ask(location, { method: 'DELETE' });
    await until(location, 'cancelled');
    await eventually(() => hanging.size === 0, 'hanging.size');
    assert.equal((await running.ask(location, { method: 'DELETE' })).status, 200);
  });
}

function describeOrder(log: OpenLog): void {
  it('lets nobody wait for a person because of a job that was cancelled', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'tenfold-queue-'));
    const yaml = `${yamlOf(worker.url)}  order: key\n  onExhausted: hold\n`;
    const holding = await runEventPlane({ log, yaml, folder: elsewhere, secrets: { key: KEY } });
    const post = async (what: string) => {
      const answer = await holding.post('/queues/imports', JSON.stringify({ what }), {
        'ce-subject': 'k',
        ...event(what),
      });
      return ((await answer.json()) as { location: string }).location;
    };
    const stateOf = async (location: string) =>
      ((await (await holding.ask(location)).json()) as { state: string }).state;
    const [first, second] = [await post('hang'), await post('work')];
    await eventually(async () => (await stateOf(first)) === 'running', 'it runs');
    await holding.ask(first, { method: 'DELETE' });
    await eventually(async () => (await stateOf(first)) === 'cancelled', 'it is cancelled');
    await eventually(async () => (await stateOf(second)) === 'succeeded', 'the next of its key is worked');
    await holding.close();
    rmSync(elsewhere, { recursive: true });
  });

  it('shows the jobs that wait behind one of their key that fails', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'tenfold-queue-'));
    const yaml = yamlOf(worker.url).replace('initial: 10ms, max: 20ms, backoff: constant', 'initial: 1h, max: 1h');
    const keyed = await runEventPlane({ log, yaml: `${yaml}  order: key\n`, folder: elsewhere, secrets: { key: KEY } });
    const post = async (what: string) => {
      const answer = await keyed.post('/queues/imports', JSON.stringify({ what }), {
        'ce-subject': 'k',
        ...event(`${what}-k`),
      });
      return ((await answer.json()) as { location: string }).location;
    };
    for (const location of [await post('fail'), await post('work')]) {
      const stateOf = async () => ((await (await keyed.ask(location)).json()) as { state: string }).state;
      await eventually(async () => (await stateOf()) === 'waiting', `${location} waits`);
    }
    await keyed.close();
    rmSync(elsewhere, { recursive: true });
  });
}

function describeResults(): void {
  it('never begins a job that was cancelled while it waited', async () => {
    const busy = [];
    for (let index = 0; index < 4; index++) busy.push(await enqueue('hang'));
    await eventually(() => hanging.size === 4, 'hanging.size');
    const seen = worker.seen.length;
    const { location } = await enqueue('work');
    await running.ask(location, { method: 'DELETE' });
    for (const job of busy) await running.ask(job.location, { method: 'DELETE' });
    await until(location, 'cancelled');
    assert.equal(worker.seen.length, seen);
  });

  it('makes one job of many requests at once under one key', async () => {
    const before = worker.seen.length;
    const asked = Array.from({ length: 20 }, () =>
      running.post('/queues/imports', '{"what":"work"}', { 'idempotency-key': '"at once"' }),
    );
    const answers = await Promise.all(asked);
    const ids = new Set<string>();
    for (const answer of answers) {
      if (answer.status === 202) ids.add(((await answer.json()) as { id: string }).id);
      else assert.equal(answer.status, 409);
    }
    assert.equal(ids.size, 1);
    await until(`/queues/imports/${[...ids][0]}`, 'succeeded');
    assert.equal(worker.seen.length, before + 1);
  });

  it('calls back when the job has ended, signed, until it is heard', async () => {
    callbackStatus = 503;
    const before = receiver.seen.length;
    const { id } = await enqueue('work', { 'x-callback-url': `${receiver.url}/hook?a=1` });
    await eventually(() => receiver.seen.length > before, 'receiver.seen.length > before');
    callbackStatus = 204;
    await eventually(() => receiver.seen.length > before + 1, 'receiver.seen.length > before + 1');
    const [first, second] = receiver.seen.slice(before);
    assert.equal(first?.request.url, '/hook?a=1');
    assert.equal(first?.request.headers['webhook-id'], second?.request.headers['webhook-id']);
    const verified = new Webhook(KEY).verify(second?.body ?? '', second?.request.headers as Record<string, string>);
    assert.partialDeepStrictEqual(verified as object, { id, state: 'succeeded', result: { body: { done: 'work' } } });
  });

  it('streams a result that is too large for the store', async () => {
    const { location } = await enqueue('large');
    await until(location, 'succeeded');
    const result = (await (await running.ask(`${location}/result`)).json()) as { text: string };
    assert.equal(result.text.length, 500_000);
  });

  it('follows no redirect of a receiver', async () => {
    callbackStatus = 302;
    const before = receiver.seen.length;
    const seen = worker.seen.length;
    await enqueue('refuse', { 'x-callback-url': receiver.url });
    await eventually(() => receiver.seen.length === before + 1, 'receiver.seen.length');
    callbackStatus = 204;
    await enqueue('work', { 'x-callback-url': receiver.url });
    await eventually(() => receiver.seen.length === before + 2, 'receiver.seen.length');
    assert.equal(worker.seen.length, seen + 2);
  });
}
