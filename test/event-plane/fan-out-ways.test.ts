// The ways of a fan-out: begun by events, divided by a function page by page, worked in batches or
// by further fan-outs, ended by quorum or deadline.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fanOutLayoutOf } from '../../core/fan-outs/layout.ts';
import { eventually } from '../eventually.ts';
import { yamlOf } from './fan-out-resources.ts';
import { startHttpWorker } from './http-worker.ts';
import { overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

interface View {
  readonly id: string;
  readonly state: string;
  readonly location: string;
  readonly items: {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly open: number;
  };
  readonly error?: { readonly message: string };
}

let folder: string;
let worker: Awaited<ReturnType<typeof startHttpWorker>>;
let functions: Awaited<ReturnType<typeof startHttpWorker>>;
let running: Awaited<ReturnType<typeof runEventPlane>>;
/** Numbers that nobody answers about. */
const hanging = new Set<number>();
const cursors: unknown[] = [];
let atOnce: number;
let mostAtOnce: number;

const begin = async (name: string, data: unknown, headers = {}): Promise<View> => {
  const answer = await running.post(`/fan-outs/${name}`, JSON.stringify(data), headers);
  assert.equal(answer.status, 202);
  return (await answer.json()) as View;
};
const show = async ({ location }: Pick<View, 'location'>, query = '?wait=20'): Promise<View> =>
  (await (await running.ask(`${location}${query}`)).json()) as View;
const resultsOf = async ({ location }: View) =>
  ((await (await running.ask(`${location}/results`)).json()) as { items: { result: unknown }[] }).items.map(
    ({ result }) => result,
  );
/** Jobs that nobody has the id of, as events begin them. */
const jobsOf = async (name: string): Promise<{ nonce: string; state: string; succeeded: number; id: string }[]> => {
  const { scopeOf } = fanOutLayoutOf('default', name);
  const scopes = Array.from({ length: 8 }, (_, partition) => scopeOf(partition));
  const pages = await Promise.all(scopes.map(scope => running.store.scan(scope, 'jobs', { limit: 100 })));
  return pages.flatMap(({ rows }) =>
    rows.map(({ key, value }) => ({ nonce: key, ...JSON.parse(Buffer.from(value).toString()) })),
  );
};

overEachLog('the ways of a fan-out', log => {
  before(async () => {
    hanging.clear();
    cursors.length = 0;
    [atOnce, mostAtOnce] = [0, 0];
    folder = mkdtempSync(join(tmpdir(), 'tenfold-fan-out-'));
    const json = { 'content-type': 'application/json' };
    worker = await startHttpWorker(({ request, body }, response) => {
      const data = JSON.parse(body);
      if (request.url?.startsWith('/batch')) {
        const results = data.map((each: { id: string; data: number }) =>
          each.data < 0 ? { id: each.id, status: 422 } : { id: each.id, status: 200, data: each.data * 10 },
        );
        response.writeHead(207, json).end(JSON.stringify({ results }));
      } else if (request.url?.startsWith('/slow')) {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce);
        setTimeout(() => {
          atOnce--;
          response.writeHead(204).end();
        }, 20);
      } else if (!hanging.has(data)) response.writeHead(data < 0 ? 422 : 200, json).end(String(data * 10));
    });
    functions = await startHttpWorker(({ request, body }, response) => {
      if (request.url?.startsWith('/split')) {
        const { cursor, event } = JSON.parse(body);
        cursors.push(cursor);
        const from = cursor ?? 0;
        const to = Math.min(from + 4, event.data.count);
        const items = Array.from({ length: to - from }, (_, at) => from + at);
        response.writeHead(200, json).end(JSON.stringify({ items, ...(to < event.data.count ? { cursor: to } : {}) }));
        return;
      }
      const lines = body
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      const sum = lines.reduce((total, line) => total + (line.result ?? 0), 0);
      response.writeHead(200, json).end(String(sum));
    });
    const { url } = functions;
    running = await runEventPlane({
      log,
      yaml: yamlOf(worker.url),
      folder,
      functions: { split: `${url}/split`, sum: `${url}/sum` },
    });
  });
  after(async () => {
    await running.close();
    await worker.close();
    await functions.close();
    rmSync(folder, { recursive: true });
  });

  describeItems();
  describeEnds();
  describeAnswers();
});

function describeItems(): void {
  it('is begun by each event of a topic', async () => {
    for (const numbers of [[1, 2], [3]]) await running.post('/topics/orders', JSON.stringify({ numbers }));
    const succeeded = async () => (await jobsOf('by-topic')).filter(({ state }) => state === 'succeeded');
    await eventually(async () => (await succeeded()).length === 2, 'they end');
    const ended = await jobsOf('by-topic');
    assert.deepEqual(ended.map(({ succeeded }) => succeeded).sort(), [1, 2]);
  });

  it('is divided by a function, page by page, each asked for with the cursor of the one before', async () => {
    cursors.length = 0;
    const ended = await show(await begin('by-function', { count: 9 }));
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(cursors, [null, 4, 8]);
    assert.deepEqual(await resultsOf(ended), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
  });

  it('fails a job that has more items than are allowed, and says so', async () => {
    const ended = await show(await begin('by-function', { count: 11 }));
    assert.equal(ended.state, 'failed');
    assert.match(ended.error?.message ?? '', /more than 10 items/);
  });

  it('is begun by jobs of a queue that leads to it', async () => {
    const before = (await jobsOf('by-function')).length;
    await running.post('/queues/jobs', JSON.stringify({ count: 2 }));
    await eventually(async () => (await jobsOf('by-function')).length === before + 1, 'it begins');
  });

  it('divides items further, and has the result of each inner job as the result of its item', async () => {
    const ended = await show(await begin('outer', { lists: [[1, 2], [], [5]] }));
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(await resultsOf(ended), [30, 0, 50]);
  });

  it('fails with an inner job that fails', async () => {
    const ended = await show(await begin('outer', { lists: [[1], [-1]] }));
    assert.equal(ended.state, 'failed');
    const page = await (await running.ask(`${ended.location}/failed`)).json();
    assert.match(JSON.stringify(page), /1 of 1 items were given up/);
  });

  it('works several items in one call, and keeps the result of each', async () => {
    const ended = await show(await begin('batched', { numbers: [1, -2, 3, 4] }));
    assert.deepEqual(ended.items, { total: 4, succeeded: 3, failed: 1, open: 0, divided: true });
    assert.deepEqual(await resultsOf(ended), [10, 30, 40]);
  });
}

function describeEnds(): void {
  it('ends as soon as its quorum has succeeded', async () => {
    hanging.add(7);
    const ended = await show(await begin('two', { numbers: [7, 1, 2] }));
    hanging.delete(7);
    assert.equal(ended.state, 'succeeded');
    assert.equal(ended.items.succeeded, 2);
  });

  it('fails as soon as its quorum cannot be reached any more', async () => {
    const ended = await show(await begin('two', { numbers: [1, -1, -2] }));
    assert.equal(ended.state, 'failed');
  });

  it('expires at its deadline, with what is missing counted as failed', async () => {
    hanging.add(8).add(9);
    const expired = await show(await begin('short', { numbers: [1, 8, 9] }));
    assert.equal(expired.state, 'expired');
    assert.match(expired.error?.message ?? '', /2 items were not done/);
    const tolerated = await show(await begin('short', { numbers: [1, 2, 8] }));
    assert.equal(tolerated.state, 'succeeded');
    hanging.clear();
  });

  it('takes at its deadline what is there, where it is told to', async () => {
    hanging.add(8);
    const ended = await show(await begin('some', { numbers: [1, 8] }));
    hanging.clear();
    assert.equal(ended.state, 'succeeded');
    assert.equal(ended.items.open, 1);
  });

  it('works no more items of one job at the same time than it may', async () => {
    const ended = await show(await begin('narrow', { numbers: [1, 2, 3, 4, 5, 6] }));
    assert.equal(ended.items.succeeded, 6);
    assert.equal(mostAtOnce, 2);
  });

  it('is cancelled, and then works nothing more of it', async () => {
    hanging.add(8);
    const begun = await begin('outer', { lists: [[8]] });
    await eventually(async () => (await jobsOf('inner')).some(({ state }) => state === 'working'), 'it is worked');
    const answer = await running.ask(begun.location, { method: 'DELETE' });
    assert.ok([200, 202].includes(answer.status));
    assert.equal((await show(begun)).state, 'cancelled');
    await eventually(
      async () => (await jobsOf('inner')).some(({ state }) => state === 'cancelled'),
      'what it began, too',
    );
    hanging.clear();
    assert.equal((await running.ask(begun.location, { method: 'DELETE' })).status, 200);
  });

  it('gives up a call whose job has been cancelled', async () => {
    hanging.add(77).add(78);
    const { location } = await begin('two', { numbers: [77, 78] });
    await eventually(() => worker.seen.some(({ body }) => body === '77'), 'it is called');
    const [call] = worker.seen.filter(({ body }) => body === '77');
    let closed = false;
    call?.request.socket.once('close', () => {
      closed = true;
    });
    await running.ask(location, { method: 'DELETE' });
    await eventually(() => closed, 'the call is given up');
    hanging.clear();
  });
}

function describeAnswers(): void {
  it('is one job for the same request under the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': '"once"' };
    const [one, other] = [
      await begin('two', { numbers: [1, 2] }, headers),
      await begin('two', { numbers: [1, 2] }, headers),
    ];
    assert.equal(one.id, other.id);
    const third = await running.post('/fan-outs/two', JSON.stringify({ numbers: [3] }), headers);
    assert.equal(third.status, 422);
  });

  it('answers with the result where the client would rather wait', async () => {
    const answer = await running.post('/fan-outs/two', JSON.stringify({ numbers: [1, 2] }), { prefer: 'wait=20' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('preference-applied'), 'wait=20');
    assert.equal(((await answer.json()) as unknown[]).length, 2);
  });

  it('streams how it stands until it has ended', async () => {
    const { location } = await begin('two', { numbers: [1, 2] });
    const text = await (await running.ask(location, { headers: { accept: 'text/event-stream' } })).text();
    assert.match(text, /event: succeeded\n/);
  });

  it('shows its results page by page', async () => {
    const ended = await show(await begin('by-function', { count: 5 }));
    const first = (await (await running.ask(`${ended.location}/results?limit=2`)).json()) as { next: number };
    assert.equal(first.next, 1);
    const second = await (await running.ask(`${ended.location}/results?limit=10&after=${first.next}`)).json();
    assert.deepEqual(
      (second as { items: { index: number }[] }).items.map(({ index }) => index),
      [2, 3, 4],
    );
    assert.equal(await (await running.ask(`${ended.location}/results/3`)).text(), '30');
    assert.equal((await running.ask(`${ended.location}/results/9`)).status, 404);
    assert.equal((await running.ask(`${ended.location}/results?limit=0`)).status, 400);
  });

  it('takes no callbacks, no batches and no other methods', async () => {
    assert.equal((await running.post('/fan-outs/two', '{}', { 'x-callback-url': 'https://example.com' })).status, 400);
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    assert.equal((await running.post('/fan-outs/two', '[]', batch)).status, 415);
    assert.equal((await running.ask('/fan-outs/two')).status, 405);
    assert.equal((await running.ask('/fan-outs/two/0-0-0123456789abcdef')).status, 404);
  });
}
