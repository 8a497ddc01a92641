// The topic endpoint over real sockets: what it takes, what it refuses, and that it says yes only
// once an event is durable.
import assert from 'node:assert/strict';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const RESOURCES = `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders.created }
spec:
  key: "\${event.data.orderId}"
  maxSize: 2Ki
  schema: { type: object, required: [orderId], properties: { orderId: { type: string }, total: { type: number } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: anything }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: slow }
spec: { rate: 2/h }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - match: { method: POST, path: "/orders/:id/notes" }
      to: { topic: anything }
      event: { type: NoteAdded, subject: "\${params.id}" }
    - match: { path: /raw }
      to: { topic: anything }
`;

const order = {
  specversion: '1.0',
  id: 'o-1',
  source: '/shop',
  type: 'OrderCreated',
  data: { orderId: 'ada', total: 7 },
};

const log = createFakeLog();
let served: Served;
const last = (topic: string) => log.recordsOf(topic).at(-1)!;
const asBatch = { 'content-type': 'application/cloudevents-batch+json' };

function useTopics(): void {
  before(async () => {
    served = await serveEndpoints(RESOURCES, log);
  });
  after(() => served.close());
}

describe('topic endpoint', () => {
  useTopics();

  it('takes an event in binary mode, byte for byte', async () => {
    const body = '{ "orderId": "ada", "total": 7.0 }';
    const ce = {
      'ce-specversion': '1.0',
      'ce-id': 'o-1',
      'ce-source': '/shop',
      'ce-type': 'OrderCreated',
      'ce-myext': 'a%20b',
    };
    const answer = await served.post('/topics/orders.created', body, ce);
    assert.equal(answer.status, 204);
    const record = last('default.orders.created');
    assert.equal(Buffer.from(record.value).toString(), body);
    assert.equal(record.key, 'ada');
    assert.partialDeepStrictEqual(fromRecord(record), {
      id: 'o-1',
      source: '/shop',
      type: 'OrderCreated',
      myext: 'a b',
    });
  });

  it('takes an event in structured mode', async () => {
    const answer = await served.post('/topics/orders.created', JSON.stringify(order), {
      'content-type': 'application/cloudevents+json',
    });
    assert.equal(answer.status, 204);
    assert.partialDeepStrictEqual(fromRecord(last('default.orders.created')), order);
  });

  it('wraps plain JSON, with the calling function as source', async () => {
    const answer = await served.post('/topics/orders.created', '{"orderId":"bob"}', { 'tenfold-caller': 'orders' });
    assert.equal(answer.status, 204);
    const { id, time, ...event } = fromRecord(last('default.orders.created'));
    assert.deepEqual(event, {
      specversion: '1.0',
      source: '/functions/orders',
      type: 'orders.created',
      datacontenttype: 'application/json',
      data: { orderId: 'bob' },
    });
    assert.ok(id && time);
  });

  it('keeps text and bytes as they are', async () => {
    await served.post('/topics/anything', 'héllo', { 'content-type': 'text/plain; charset=utf-8' });
    assert.equal(fromRecord(last('default.anything')).data, 'héllo');
    await served.post('/topics/anything', new Uint8Array([0, 255]), { 'content-type': 'image/png' });
    assert.deepEqual(fromRecord(last('default.anything')).data, Buffer.from([0, 255]));
  });

  it('takes a whole batch with 204', async () => {
    const before = log.recordsOf('default.orders.created').length;
    const answer = await served.post(
      '/topics/orders.created',
      JSON.stringify([order, { ...order, id: 'o-2' }]),
      asBatch,
    );
    assert.equal(answer.status, 204);
    const ids = log
      .recordsOf('default.orders.created')
      .slice(before)
      .map(record => fromRecord(record).id);
    assert.deepEqual(ids, ['o-1', 'o-2']);
  });

  it('takes what is good of a batch, and answers 207 with one result for each event', async () => {
    const before = log.recordsOf('default.orders.created').length;
    const events = [order, { ...order, id: 'o-2', data: {} }, { id: 'o-3' }, { ...order, id: 'o-4' }, 7];
    const answer = await served.post('/topics/orders.created', JSON.stringify(events), asBatch);
    assert.equal(answer.status, 207);
    const { results } = (await answer.json()) as { results: { id: string; status: number }[] };
    assert.deepEqual(
      results.map(({ id, status }) => [id, status]),
      [
        ['o-1', 204],
        ['o-2', 400],
        ['o-3', 400],
        ['o-4', 204],
        ['', 400],
      ],
    );
    assert.equal(log.recordsOf('default.orders.created').length, before + 2);
  });

  it('refuses a batch of which nothing is good with the status of the first refusal', async () => {
    const answer = await served.post('/topics/orders.created', JSON.stringify([{ id: 'a' }, { id: 'b' }]), asBatch);
    assert.equal(answer.status, 400);
    assert.equal(((await answer.json()) as { results: unknown[] }).results.length, 2);
  });

  it('remembers trace and depth of who publishes', async () => {
    const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01';
    await served.post('/topics/anything', '1', { traceparent, tracestate: 'a=1 , b=2', 'tenfold-depth': '4' });
    const { headers } = last('default.anything');
    assert.equal(headers['tracestate'], 'a=1,b=2');
    assert.equal(headers['tenfold-depth'], '4');
    assert.match(headers['traceparent'] ?? '', /^00-0123456789abcdef0123456789abcdef-[0-9a-f]{16}-01$/);
    assert.ok(!headers['traceparent']?.includes('-0123456789abcdef-01'));
    for (const wrong of [{ traceparent, tracestate: 'a=1,B=2' }, { tracestate: 'a=1' }]) {
      await served.post('/topics/anything', '1', wrong);
      assert.equal(last('default.anything').headers['tracestate'], undefined);
    }
  });
});

describe('topic endpoint that does not take everything', () => {
  useTopics();

  it('accepts no more than the rate, and says when to come again', async () => {
    const events = [1, 2, 3].map(id => ({ ...order, id: String(id) }));
    const answer = await served.post('/topics/slow', JSON.stringify(events), asBatch);
    assert.equal(answer.status, 207);
    const { results } = (await answer.json()) as { results: { status: number }[] };
    assert.deepEqual(
      results.map(({ status }) => status),
      [204, 204, 429],
    );
    const refused = await served.post('/topics/slow', '{}');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 1000);
  });

  const deep = '['.repeat(100) + ']'.repeat(100);
  const refusals: Record<string, [path: string, body: string, headers: Record<string, string>, status: number]> = {
    'an unknown topic': ['/topics/nothing', '{}', {}, 404],
    'a call without a key': ['/topics/anything', '{}', { 'tenfold-key': '' }, 401],
    'data that does not match the schema': ['/topics/orders.created', '{"orderId":7}', {}, 400],
    'data that is no JSON where there is a schema': [
      '/topics/orders.created',
      'x',
      { 'content-type': 'text/plain' },
      415,
    ],
    'no data where there is a schema': ['/topics/orders.created', '', {}, 400],
    'an event that is too large': ['/topics/orders.created', JSON.stringify({ orderId: 'x'.repeat(3000) }), {}, 413],
    'a body that is far too large': ['/topics/orders.created', 'x'.repeat(200_000), {}, 413],
    'broken JSON': ['/topics/anything', '{"a":', {}, 400],
    'JSON nested 100 deep': ['/topics/anything', deep, {}, 400],
    'an event nested 100 deep': [
      '/topics/anything',
      `{"specversion":"1.0","data":${deep}}`,
      { 'content-type': 'application/cloudevents+json' },
      400,
    ],
    'a member that could reach a prototype': ['/topics/anything', '{"__proto__":{"admin":true}}', {}, 400],
    'an event without its id': [
      '/topics/anything',
      '{"specversion":"1.0"}',
      { 'content-type': 'application/cloudevents+json' },
      400,
    ],
    'an event in a format that is not known': [
      '/topics/anything',
      '<a/>',
      { 'content-type': 'application/cloudevents+xml' },
      415,
    ],
    'a batch that is no list': ['/topics/anything', '{}', asBatch, 400],
    'a batch of more events than are taken': ['/topics/anything', `[${'1,'.repeat(10_000)}1]`, asBatch, 413],
    'a compressed body': ['/topics/anything', 'x', { 'content-encoding': 'gzip' }, 415],
    'a content type that is none': ['/topics/anything', 'x', { 'content-type': 'nonsense' }, 415],
    'events that go round in a circle': ['/topics/anything', '{}', { 'tenfold-depth': '32' }, 508],
  };
  for (const [what, [path, body, headers, status]] of Object.entries(refusals)) {
    it(`refuses ${what} with ${status}, and appends nothing`, async () => {
      const count = () => log.recordsOf('default.orders.created').length + log.recordsOf('default.anything').length;
      const before = count();
      const answer = await served.post(path, body, headers);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.equal(count(), before);
    });
  }

  it('is not there for other namespaces', async () => {
    const key = createCallerKeys('a secret').keyFor('bank');
    assert.equal((await served.post('/topics/anything', '{}', { 'tenfold-key': key })).status, 404);
  });

  it('takes no other method than POST', async () => {
    const answer = await served.ask('/topics/anything');
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'POST');
  });

  it('is there on a route, with the event as the route makes it', async () => {
    const answer = await fetch(`${served.public}/shop/orders/7/notes`, {
      method: 'POST',
      body: '{"text":"hi"}',
      headers: { 'content-type': 'application/json', 'tenfold-depth': '31', 'tenfold-caller': 'forged' },
    });
    assert.equal(answer.status, 204);
    const record = last('default.anything');
    assert.partialDeepStrictEqual(fromRecord(record), {
      type: 'NoteAdded',
      subject: '7',
      source: '/shop/orders/:id/notes',
      data: { text: 'hi' },
    });
    assert.equal(record.headers['tenfold-depth'], '1');
  });

  it('says no with 503 and Retry-After when the log cannot be written, at once', async () => {
    for (const code of ['log-unavailable', 'overloaded', 'not-found'] as const) {
      log.before = async () => {
        throw new TenfoldError(code, 'disk of /secret/path is full');
      };
      const answer = await served.post('/topics/anything', '{}');
      assert.equal(answer.status, 503);
      assert.ok(answer.headers.get('retry-after'));
      assert.ok(!(await answer.text()).includes('secret'));
    }
    log.before = async () => {};
  });

  it('does not answer before the event is durable', async () => {
    let durable = () => {};
    log.before = () => new Promise(resolve => (durable = resolve));
    let answered = false;
    const asked = served.post('/topics/anything', '{}').then(answer => {
      answered = true;
      return answer;
    });
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(answered, false);
    durable();
    assert.equal((await asked).status, 204);
    log.before = async () => {};
  });
});
