// The queue endpoint over real sockets: what becomes a job, keys that make a repeat harmless,
// waits, callbacks that may be named.
import assert from 'node:assert/strict';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parseJobId } from '../../../core/jobs/job-id.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { checkNever, createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createCallbackCheck } from '../../../gateway/transport/callback-policy.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { finishJob } from './finish-job.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const RESOURCES = `${head} Queue
metadata: { name: imports }
spec:
  to: { url: "http://importer" }
  maxSize: 2Ki
  schema: { type: object, required: [article], properties: { article: { type: string } } }
  callbacks: { secret: hooks }
---
${head} Queue
metadata: { name: plain }
spec: { to: { url: "http://importer" }, order: key, key: "\${event.data.author}" }
---
${head} Queue
metadata: { name: small }
spec: { to: { url: "http://importer" }, maxWaiting: 2 }
---
${head} Queue
metadata: { name: later }
spec: { to: { url: "http://importer" }, delay: 1h, deliverAt: "\${timestamp(event.data.at)}" }
`;

const log = createFakeLog();
const store = createFakeStore(realWorld);
const signals = createJobSignals();
let served: Served;

const records = (queue = 'imports') => log.recordsOf(`queue.default.${queue}`);
const enqueue = (headers: Record<string, string> = {}, body = '{"article":"a"}', queue = 'imports') =>
  served.post(`/queues/${queue}`, body, headers);
const idOf = async (answer: Response) => ((await answer.json()) as { id: string }).id;

function useQueues(): void {
  before(async () => {
    const general = createAddressCheck({ allowLoopback: true });
    const checkCallback = createCallbackCheck(general, checkNever, []);
    served = await serveEndpoints(RESOURCES, log, { store, signals, checkCallback });
  });
  after(() => served.close());
  afterEach(() => {
    log.before = async () => {};
    store.before = async () => {};
  });
}

describe('queue endpoint', () => {
  useQueues();

  it('answers 202 with the place of the job, once it is durable', async () => {
    const answer = await enqueue();
    assert.equal(answer.status, 202);
    const job = (await answer.json()) as { id: string; state: string; location: string; queue: string };
    assert.partialDeepStrictEqual(job, { state: 'queued', queue: 'imports', location: `/queues/imports/${job.id}` });
    assert.equal(answer.headers.get('location'), job.location);
    const { offset = -1, nonce } = parseJobId(job.id) ?? {};
    assert.equal(records()[offset]?.headers['tenfold-job'], nonce);
    assert.partialDeepStrictEqual(fromRecord(records()[offset]!), {
      type: 'imports',
      source: '/queues/imports',
      data: { article: 'a' },
    });
    const shown = await served.ask(job.location);
    assert.partialDeepStrictEqual(await shown.json(), { id: job.id, state: 'queued', attempts: 0 });
  });

  it('takes CloudEvents, and keys jobs where the queue says how', async () => {
    await enqueue(
      { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/x', 'ce-type': 'Import' },
      '{"author":"ada"}',
      'plain',
    );
    const record = records('plain').at(-1)!;
    assert.equal(record.key, 'ada');
    assert.equal(fromRecord(record).type, 'Import');
  });

  const refusals: Record<string, [headers: Record<string, string>, body: string, status: number, queue?: string]> = {
    'an unknown queue': [{}, '{}', 404, 'nothing'],
    'data that does not match': [{}, '{}', 400],
    'a job that is too large': [{}, JSON.stringify({ article: 'x'.repeat(3000) }), 413],
    'a batch': [{ 'content-type': 'application/cloudevents-batch+json' }, '[]', 415],
    'an Idempotency-Key without quotes': [{ 'idempotency-key': 'abc def' }, '{"article":"a"}', 400],
    'an empty Idempotency-Key': [{ 'idempotency-key': '""' }, '{"article":"a"}', 400],
    'a callback where there are none': [{ 'x-callback-url': 'https://a.example/' }, '{"author":"a"}', 400, 'plain'],
    'a callback to a link-local address': [{ 'x-callback-url': 'http://169.254.169.254/' }, '{"article":"a"}', 400],
    'a callback to a loopback address': [{ 'x-callback-url': 'http://[::1]:8080/' }, '{"article":"a"}', 400],
    'a callback to a loopback address in disguise': [{ 'x-callback-url': 'http://0x7f.1/' }, '{"article":"a"}', 400],
    'a callback to a private address': [{ 'x-callback-url': 'http://10.0.0.5:9200/' }, '{"article":"a"}', 400],
    'a callback to one in IPv6': [{ 'x-callback-url': 'http://[64:ff9b::10.0.0.5]/' }, '{"article":"a"}', 400],
    'a callback with a password': [{ 'x-callback-url': 'https://u:p@a.example/' }, '{"article":"a"}', 400],
    'a callback to a file': [{ 'x-callback-url': 'file:///etc/passwd' }, '{"article":"a"}', 400],
    'a callback that is no address': [{ 'x-callback-url': '/relative' }, '{"article":"a"}', 400],
  };
  for (const [what, [headers, body, status, queue]] of Object.entries(refusals)) {
    it(`refuses ${what} with ${status}, and takes no job`, async () => {
      const before = records().length + records('plain').length;
      const answer = await enqueue(headers, body, queue);
      assert.equal(answer.status, status);
      assert.equal(records().length + records('plain').length, before);
    });
  }

  it('shows neither itself nor its jobs to other namespaces', async () => {
    const key = { 'tenfold-key': createCallerKeys('a secret').keyFor('bank') };
    const { location } = (await (await enqueue()).json()) as { location: string };
    assert.equal((await enqueue(key)).status, 404);
    assert.equal((await served.ask(location, { headers: key })).status, 404);
  });

  it('keeps the address of a callback with the job', async () => {
    await enqueue({ 'x-callback-url': 'https://a.example/hook?x=1#part' });
    assert.equal(records().at(-1)?.headers['tenfold-callback'], 'https://a.example/hook?x=1');
  });

  it('takes no more jobs than may wait', async () => {
    const statuses: number[] = [];
    for (let time = 0; time < 3; time++) statuses.push((await enqueue({}, '{}', 'small')).status);
    assert.deepEqual(statuses, [202, 202, 503]);
    assert.deepEqual(served.endpoints.jobs.list(), [{ namespace: 'default', name: 'small', refused: 1 }]);
  });

  it('says when a job begins that does not begin at once', async () => {
    const nextOf = async (data: object) => {
      const answer = await enqueue({}, JSON.stringify(data), 'later');
      const { location } = (await answer.json()) as { location: string };
      const job = (await (await served.ask(location)).json()) as {
        state: string;
        attempts: number;
        nextAttemptAt: string;
      };
      assert.partialDeepStrictEqual(job, { state: 'waiting', attempts: 0 });
      return Date.parse(job.nextAttemptAt);
    };
    assert.equal(await nextOf({ at: '2099-01-01T00:00:00Z' }), Date.parse('2099-01-01T00:00:00Z'));
    const soon = await nextOf({ at: '2000-01-01T00:00:00Z' });
    assert.ok(Math.abs(soon - Date.now() - 3_600_000) < 60_000);
  });
});

describe('queue endpoint with an Idempotency-Key', () => {
  useQueues();

  it('gives the same request the same job', async () => {
    const key = { 'idempotency-key': '"k1"' };
    const first = await idOf(await enqueue(key));
    const before = records().length;
    assert.equal(await idOf(await enqueue(key)), first);
    assert.equal(records().length, before);
    assert.ok(records().at(-1)?.headers['tenfold-once']);
  });

  it('refuses another request under the same key', async () => {
    await enqueue({ 'idempotency-key': '"k2"' });
    const answer = await enqueue({ 'idempotency-key': '"k2"' }, '{"article":"b"}');
    assert.equal(answer.status, 422);
  });

  it('knows keys of different callers apart', async () => {
    const first = await idOf(await enqueue({ 'idempotency-key': '"k3"', 'tenfold-caller': 'one' }));
    const other = await enqueue({ 'idempotency-key': '"k3"', 'tenfold-caller': 'two' }, '{"article":"b"}');
    assert.equal(other.status, 202);
    assert.notEqual(await idOf(other), first);
  });

  it('says so while the first request is being worked on', async () => {
    let durable: (() => void) | undefined;
    log.before = () => new Promise(resolve => (durable = resolve));
    const first = enqueue({ 'idempotency-key': '"k4"' });
    await eventually(() => durable !== undefined, 'it is being appended');
    const second = await enqueue({ 'idempotency-key': '"k4"' });
    assert.equal(second.status, 409);
    assert.equal(second.headers.get('retry-after'), '1');
    durable?.();
    assert.equal((await first).status, 202);
  });

  it('appends the same job again when nobody knows whether it is there', async () => {
    let tried: string | undefined;
    log.before = async (_topic, appended) => {
      tried = appended[0]?.headers['tenfold-job'];
      throw new TenfoldError('log-unavailable', 'unknown');
    };
    assert.equal((await enqueue({ 'idempotency-key': '"k5"' })).status, 503);
    log.before = async () => {};
    // The first may have arrived all the same: whoever works them knows by
    // the nonce that they are one.
    const id = parseJobId(await idOf(await enqueue({ 'idempotency-key': '"k5"' })));
    assert.ok(tried);
    assert.equal(id?.nonce, tried);
  });

  it('forgets the key when nothing was taken', async () => {
    log.before = async () => {
      throw new TenfoldError('overloaded', 'full');
    };
    assert.equal((await enqueue({ 'idempotency-key': '"k6"' })).status, 503);
    log.before = async () => {};
    assert.equal((await enqueue({ 'idempotency-key': '"k6"' }, '{"article":"other"}')).status, 202);
  });

  it('takes no job while the store is away, and any without a key', async () => {
    const before = records().length;
    store.before = async () => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    assert.equal((await enqueue({ 'idempotency-key': '"k7"' })).status, 503);
    assert.equal(records().length, before);
    assert.equal((await enqueue()).status, 202);
  });
});

describe('queue endpoint with Prefer', () => {
  useQueues();

  it('waits for the result, and gives it as the target did', async () => {
    const before = records().length;
    const asked = enqueue({ prefer: 'wait=5' });
    await eventually(() => records().length > before, 'the job is there');
    assert.equal(served.endpoints.intake.held, 0);
    await finishJob({
      store,
      signals,
      queue: 'imports',
      record: records().at(-1)!,
      answer: { status: 201, body: '{"ok":true}' },
    });
    const answer = await asked;
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('preference-applied'), 'wait=5');
    assert.match(answer.headers.get('location') ?? '', /^\/queues\/imports\/0-/);
    assert.deepEqual(await answer.json(), { ok: true });
  });

  it('gives the result of a job that has ended already to who would not wait at all', async () => {
    const headers = { prefer: 'wait=0', 'idempotency-key': '"ended"' };
    assert.equal((await enqueue(headers)).status, 202);
    const record = records().at(-1)!;
    await finishJob({ store, signals, queue: 'imports', record, answer: { status: 201, body: '{"ok":true}' } });
    const again = await enqueue(headers);
    assert.equal(again.status, 201);
    assert.deepEqual(await again.json(), { ok: true });
  });

  it('says why when the job fails in that time', async () => {
    const before = records().length;
    const asked = enqueue({ prefer: 'wait=5' });
    await eventually(() => records().length > before, 'the job is there');
    await finishJob({
      store,
      signals,
      queue: 'imports',
      record: records().at(-1)!,
      error: { status: 422, message: 'No such author.' },
    });
    const answer = await asked;
    assert.equal(answer.status, 502);
    assert.match(((await answer.json()) as { detail: string }).detail, /No such author/);
  });

  it('answers 202 when it takes longer, and at once with respond-async', async () => {
    const began = Date.now();
    const slow = await enqueue({ prefer: 'respond-async, wait=1' });
    assert.equal(slow.status, 202);
    assert.equal(slow.headers.get('preference-applied'), 'respond-async, wait=1');
    assert.ok(Date.now() - began >= 900);
    const quick = await enqueue({ prefer: 'respond-async' });
    assert.equal(quick.headers.get('preference-applied'), 'respond-async');
  });

  it('finds the end of the job in the store when nobody tells', async () => {
    const before = records().length;
    const asked = enqueue({ prefer: 'wait=5' });
    await eventually(() => records().length > before, 'the job is there');
    await finishJob({
      store,
      signals: undefined,
      queue: 'imports',
      record: records().at(-1)!,
      answer: { status: 200, body: '1' },
    });
    assert.equal((await asked).status, 200);
  });
});
