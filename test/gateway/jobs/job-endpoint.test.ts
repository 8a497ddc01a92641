// Jobs over real sockets: their state, waits and streams, results, cancelling, and who may see them
// at the internal listener and on routes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TenfoldError } from '../../../core/errors.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { eventually } from '../../eventually.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { type Ending, finishJob } from '../accept/finish-job.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const RESOURCES = `${head} Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
---
${head} Api
metadata: { name: shop }
spec:
  basePath: /shop
  auth: { apiKey: { secret: keys } }
  routes:
    - match: { method: POST, path: "/shops/:shop/imports" }
      to: { queue: imports }
    - match: { method: POST, path: /anybody }
      to: { queue: imports }
      auth: { required: false }
    - match: { method: GET, path: "/anybody/:own" }
      to: { topic: other }
---
${head} Topic
metadata: { name: other }
spec: {}
`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const log = createFakeLog();
const store = createFakeStore(realWorld);
const signals = createJobSignals();
const blobs = createFakeBlobs();
const cancelled: unknown[] = [];
let served: Served;

const enqueue = async () =>
  ((await (await served.post('/queues/imports', '{}')).json()) as { location: string }).location;

const end = (how: Partial<Ending>) =>
  finishJob({ store, signals, queue: 'imports', record: log.recordsOf('queue.default.imports').at(-1)!, ...how });

const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

function useJobs(): void {
  before(async () => {
    const cancelJob = async (...job: unknown[]) => void cancelled.push(job);
    const secrets = { ada: sha256('key of ada'), bob: sha256('key of bob') };
    served = await serveEndpoints(RESOURCES, log, { store, blobs, signals, cancelJob }, secrets);
  });
  after(() => served.close());
}

describe('job endpoint', () => {
  useJobs();

  it('shows a job as it stands, with its result once it has one', async () => {
    const location = await enqueue();
    const queued = await json(await served.ask(location));
    assert.partialDeepStrictEqual(queued, { state: 'queued', location });
    await end({ state: 'running' });
    assert.partialDeepStrictEqual(await json(await served.ask(location)), {
      state: 'running',
      startedAt: '1970-01-01T00:00:02.000Z',
    });
    assert.equal((await served.ask(`${location}/result`)).status, 409);
    await end({ answer: { status: 201, body: '{"articles":3}' } });
    assert.partialDeepStrictEqual(await json(await served.ask(location)), {
      state: 'succeeded',
      attempts: 1,
      acceptedAt: queued['acceptedAt'],
      finishedAt: '1970-01-01T00:00:03.000Z',
      result: {
        status: 201,
        contentType: 'application/json',
        size: 14,
        body: { articles: 3 },
        location: `${location}/result`,
      },
    });
    const result = await served.ask(`${location}/result`);
    assert.equal(result.status, 201);
    assert.equal(result.headers.get('content-type'), 'application/json');
    assert.equal(await result.text(), '{"articles":3}');
    assert.equal((await served.ask(location, { method: 'HEAD' })).status, 200);
  });

  it('gives bytes as they are', async () => {
    const location = await enqueue();
    await end({ answer: { status: 200, body: 'PNG', contentType: 'image/png' } });
    const result = await served.ask(`${location}/result`);
    assert.equal(result.headers.get('content-type'), 'image/png');
    assert.equal(await result.text(), 'PNG');
  });

  it('streams a large result from where it is kept', async () => {
    const location = await enqueue();
    await blobs.put('a/large/one', Buffer.alloc(300_000, 'x'));
    await end({ answer: { status: 200, body: '', contentType: 'text/csv' }, blob: 'a/large/one' });
    const result = await served.ask(`${location}/result`);
    assert.equal(result.headers.get('content-type'), 'text/csv');
    assert.equal((await result.text()).length, 300_000);
    await blobs.delete('a/large/one');
    assert.equal((await served.ask(`${location}/result`)).status, 410);
  });

  it('says why there is no result', async () => {
    const location = await enqueue();
    await end({ error: { status: 500, message: 'Out of beans.' } });
    assert.partialDeepStrictEqual(await json(await served.ask(location)), {
      state: 'failed',
      error: { message: 'Out of beans.' },
    });
    const result = await served.ask(`${location}/result`);
    assert.equal(result.status, 502);
    assert.partialDeepStrictEqual(await json(result), { state: 'failed', detail: 'The job is failed: Out of beans.' });
  });

  it('waits for the end of a job when asked to, as long as asked to', async () => {
    const location = await enqueue();
    const asked = served.ask(`${location}?wait=25`);
    await pause(50);
    await end({ answer: { status: 200, body: '1' } });
    assert.partialDeepStrictEqual(await json(await asked), { state: 'succeeded' });
    const other = await enqueue();
    const began = Date.now();
    assert.partialDeepStrictEqual(await json(await served.ask(`${other}?wait=300ms`)), { state: 'queued' });
    assert.ok(Date.now() - began >= 290);
    assert.equal((await served.ask(`${other}?wait=soon`)).status, 400);
  });

  it('streams the states of a job until its end', async () => {
    const location = await enqueue();
    const answer = await served.ask(location, { headers: { accept: 'text/event-stream' } });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    assert.ok(answer.body);
    let text = '';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    // Each state is told before there is another one.
    const readTo = async (state: string) => {
      while (!text.includes(`event: ${state}\n`)) text += (await reader.read()).value ?? assert.fail(text);
    };
    await readTo('queued');
    await end({ state: 'running' });
    await readTo('running');
    await end({ answer: { status: 200, body: '{"ok":true}' } });
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    assert.deepEqual(
      [...text.matchAll(/^event: (.*)$/gm)].map(match => match[1]),
      ['queued', 'running', 'succeeded'],
    );
    const last = JSON.parse(text.trim().split('data: ').at(-1) ?? '');
    assert.deepEqual(last.result.body, { ok: true });
  });

  it('ends a stream that nobody reads any more', async () => {
    const location = await enqueue();
    const leaving = new AbortController();
    await served.ask(location, { headers: { accept: 'text/event-stream' }, signal: leaving.signal });
    leaving.abort();
    let asked = 0;
    store.before = async () => void asked++;
    const isStill = async () => {
      asked = 0;
      await pause(1200);
      return asked === 0;
    };
    await eventually(isStill, 'nothing is asked for it any more');
    store.before = async () => {};
  });
});

describe('job endpoint, where a job is cancelled or cannot be shown', () => {
  useJobs();

  it('cancels a job that waits, by its queue, and one that runs, by its signal', async () => {
    const location = await enqueue();
    const told: string[] = [];
    const id = location.split('/').at(-1) ?? '';
    const deaf = signals.cancelled.listen(`default/imports/${id}`, () => told.push(id));
    const answer = await served.ask(location, { method: 'DELETE' });
    deaf();
    assert.equal(answer.status, 202);
    const { offset } = log.recordsOf('queue.default.imports').at(-1)!;
    assert.deepEqual(cancelled.at(-1), ['queue.default.imports', 0, offset]);
    assert.deepEqual(told, [id]);
    assert.ok([...store.entries.keys()].some(key => key.endsWith(`${id}/cancel`)));
    await end({ state: 'cancelled' });
    assert.equal((await served.ask(location, { method: 'DELETE' })).status, 200);
  });

  it('does not cancel what has ended', async () => {
    const location = await enqueue();
    await end({ answer: { status: 200, body: '1' } });
    const before = cancelled.length;
    assert.equal((await served.ask(location, { method: 'DELETE' })).status, 409);
    assert.equal(cancelled.length, before);
  });

  it('leads from a job that was accepted twice to the one that is worked', async () => {
    const first = await enqueue();
    const id = await end({ answer: { status: 200, body: '7' } });
    const second = await enqueue();
    const record = log.recordsOf('queue.default.imports').at(-1)!;
    const row = Buffer.from(
      `${JSON.stringify({ v: 1, state: 'succeeded', attempts: 0, acceptedAt: 1, owner: '', sameAs: id })}\n`,
    );
    await store.put('jobs/default/imports/0', `0-${record.offset}-${record.headers['tenfold-job']}`, row, {
      ttlMs: 1e6,
    });
    assert.equal(await (await served.ask(`${second}/result`)).text(), '7');
    assert.equal((await json(await served.ask(second)))['location'] as string, first);
  });

  for (const [what, path, init, status] of [
    ['an id that is none', '/queues/imports/nonsense', {}, 404],
    ['a job with another nonce', '/queues/imports/0-0-0123456789abcdef', {}, 404],
    ['a job beyond the end', '/queues/imports/0-999999-0123456789abcdef', {}, 404],
    ['a job of another queue', '/queues/other/0-0-0123456789abcdef', {}, 404],
    ['a job with a method that does not fit', '/queues/imports/0-0-0123456789abcdef', { method: 'PUT' }, 405],
    ['the queue itself', '/queues/imports', {}, 405],
  ] as const) {
    it(`answers ${status} to ${what}`, async () => assert.equal((await served.ask(path, init)).status, status));
  }

  it('says that the store is away, with 503', async () => {
    const location = await enqueue();
    store.before = async () => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    assert.equal((await served.ask(location)).status, 503);
    store.before = async () => {};
  });

  describe('on a route', () => {
    const as = (name: string, extra: Record<string, string> = {}) => ({
      headers: { 'x-api-key': `key of ${name}`, 'content-type': 'application/json', ...extra },
    });
    const post = (path: string, init: RequestInit) =>
      fetch(`${served.public}${path}`, { method: 'POST', body: '{}', ...init });

    it('links to the route, and shows the job to its owner alone', async () => {
      const answer = await post('/shop/shops/7/imports?x=1', as('ada'));
      assert.equal(answer.status, 202);
      const location = answer.headers.get('location') ?? '';
      assert.match(location, /^\/shop\/shops\/7\/imports\/0-\d+-[0-9a-f]{16}$/);
      assert.equal((await json(answer))['location'], location);
      await end({ answer: { status: 200, body: '1' } });
      const shown = await json(await fetch(served.public + location, as('ada')));
      assert.partialDeepStrictEqual(shown, {
        state: 'succeeded',
        location,
        result: { location: `${location}/result` },
      });
      assert.equal(await (await fetch(`${served.public}${location}/result`, as('ada'))).text(), '1');
      for (const path of [location, `${location}/result`]) {
        assert.equal((await fetch(served.public + path, as('bob'))).status, 404);
        assert.equal((await fetch(served.public + path)).status, 401);
      }
      assert.equal((await fetch(served.public + location, { method: 'DELETE', ...as('bob') })).status, 404);
      const id = location.split('/').at(-1);
      assert.equal((await served.ask(`/queues/imports/${id}`)).status, 200);
    });

    it('shows no job of the namespace to a client of a route', async () => {
      const id = (await enqueue()).split('/').at(-1);
      assert.equal((await fetch(`${served.public}/shop/shops/7/imports/${id}`, as('ada'))).status, 404);
    });

    it('keeps keys of consumers apart', async () => {
      const ids = [];
      for (const name of ['ada', 'ada', 'bob']) {
        ids.push((await json(await post('/shop/shops/7/imports', as(name, { 'idempotency-key': '"one"' }))))['id']);
      }
      assert.equal(ids[0], ids[1]);
      assert.notEqual(ids[0], ids[2]);
    });

    it('leaves a place to a route that the Api declares itself', async () => {
      const answer = await fetch(`${served.public}/shop/anybody/7`, as('ada'));
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get('allow'), 'POST');
      const warnings = served.problems.map(({ severity, message }) => `${severity}: ${message}`);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /^warning: The jobs of this route are found below it, but another route/);
    });
  });
});
