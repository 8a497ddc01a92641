// Aggregates over real sockets: the one answer, its provenance, its failures, and what services
// and strangers get to know.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { APP, serve } from './aggregate-app.ts';

type Upstream = Awaited<ReturnType<typeof startUpstream>>;
type Served = Awaited<ReturnType<typeof serveYaml>>;

let upstream: Upstream;
let served: Served;

// biome-ignore lint/suspicious/noExplicitAny: bodies differ from route to route
const get = async (path: string, init: RequestInit = {}): Promise<{ answer: Response; body: any; text: string }> => {
  const answer = await fetch(served.address + path, init);
  const text = await answer.text();
  return { answer, text, body: text === '' ? undefined : JSON.parse(text) };
};

const recent = (name: string) =>
  served.instruments.aggregates.get(`default/${name}`)?.report(100) ?? assert.fail(`${name} has no requests`);

function useAggregates(): void {
  before(async () => {
    upstream = await startUpstream(serve);
    served = await serveYaml(APP(upstream.origin), { functions: { shop: upstream.origin } });
  });
  after(async () => {
    await served.close();
    await upstream.close();
  });
}

describe('an aggregate', () => {
  useAggregates();

  it('answers once, with what its expressions make of the parts', async () => {
    const { answer, body } = await get('/api/invoices/12');
    assert.equal(answer.status, 203);
    assert.deepEqual(body, {
      id: '12',
      total: 7.5,
      customer: 'Ada',
      reviews: [],
      ads: null,
      ok: true,
      'a "key"': '${literal}',
    });
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('x-shard'), 's1');
    assert.equal(answer.headers.get('x-literal'), 'one');
  });

  it('tells in a header where each part comes from', async () => {
    const { answer } = await get('/api/invoices/12');
    assert.equal(answer.headers.get('tenfold-parts'), 'order;ok, customer;ok, reviews;fallback, ads;failed');
  });

  it('tells it in a meta member when the client prefers that', async () => {
    const { answer, body } = await get('/api/invoices/12', { headers: { prefer: 'respond-async, meta' } });
    assert.equal(answer.headers.get('preference-applied'), 'meta');
    assert.match(answer.headers.get('vary') ?? '', /prefer/i);
    assert.deepEqual(body.meta.parts, {
      order: { outcome: 'ok' },
      customer: { outcome: 'ok' },
      reviews: { outcome: 'fallback', reason: 'no-answer' },
      ads: { outcome: 'failed', reason: 'no-answer' },
    });
  });

  it('adds no meta member to an answer that is a list', async () => {
    const { answer, body } = await get('/api/list', { headers: { prefer: 'meta' } });
    assert.deepEqual(body, ['Ada', { meta: 200 }]);
    assert.equal(answer.headers.get('preference-applied'), null);
  });

  it('logs once what was not as it should be, with the trace', async () => {
    served.logged.splice(0);
    await get('/api/invoices/12');
    assert.equal(served.logged.length, 1);
    const [{ level, fields }] = served.logged as [Served['logged'][number]];
    assert.equal(level, 'warn');
    assert.equal(fields['aggregate'], 'invoice');
    assert.match(String(fields['trace']), /^[0-9a-f]{32}$/);
    served.logged.splice(0);
    await get('/api/list');
    assert.deepEqual(served.logged, []);
  });

  const failures: Record<string, [what: string, status: number, reason: string]> = {
    'has nothing': ['orders', 404, 'not-found'],
    fails: ['fail', 502, 'no-answer'],
    'is silent': ['slow', 504, 'timeout'],
    'hangs up': ['hang-up', 502, 'no-answer'],
  };
  for (const [name, [what, status, reason]] of Object.entries(failures)) {
    it(`answers with one problem that names the part and nothing else when a required part ${name}`, async () => {
      const { answer, body, text } = await get(`/api/failing/${what}`);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual(body.parts, [{ name: 'bad', reason }]);
      assert.doesNotMatch(text, /127\.0\.0\.1|db-3|secret|stack|function|shop/);
    });
  }

  it('survives an answer that is nested more deeply than there is stack', async () => {
    const { answer } = await get('/api/failing/deep');
    assert.equal(answer.status, 502);
  });
});

describe('an aggregate of a busy service', () => {
  useAggregates();

  it('says so, and passes on when the service wants to be asked again, also while nobody asks it', async () => {
    const { answer, body, text } = await get('/api/failing/busy');
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '7']);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(body.parts, [{ name: 'bad', reason: 'busy' }]);
    assert.doesNotMatch(text, /127\.0\.0\.1|db-3|secret|stack|function|shop/);
    // Nobody calls the service now, for whatever part.
    const later = await get('/api/failing/orders');
    assert.equal(later.answer.status, 503);
    assert.match(later.answer.headers.get('retry-after') ?? '', /^[1-7]$/);
  });
});

describe('an aggregate, its clients and its functions', () => {
  useAggregates();

  it('can be a part of another, which passes its parameters on', async () => {
    const { body } = await get('/api/pages/31');
    assert.equal(body.invoice.id, '31');
  });

  it('shows who asks to functions, and nothing of it to strangers', async () => {
    const headers = { cookie: 'sid=1', 'x-secret': 's', 'accept-language': 'de', 'x-other': 'o' };
    const { body } = await get('/api/who?q=a%20b', { headers });
    assert.deepEqual(
      [body.ours.headers.cookie, body.ours.headers['x-declared'], body.ours.headers['x-forwarded-host']],
      ['sid=1', 's', new URL(served.address).host],
    );
    assert.equal(body.ours.headers['x-other'], undefined);
    assert.equal(body.theirs.url, '/base/echo?q=a%20b');
    const known = Object.keys(body.theirs.headers).sort();
    const ours = ['tenfold-namespace', 'tenfold-timeout-ms', 'traceparent'];
    assert.deepEqual(known, ['accept-language', 'connection', 'host', ...ours]);
    assert.equal(body.shared.cookie, undefined, 'a part that all share is called without credentials');
  });

  it('gives each part a span of the trace of the request', async () => {
    const trace = 'a'.repeat(32);
    const headers = { 'x-secret': 's', traceparent: `00-${trace}-${'b'.repeat(16)}-01` };
    const { body } = await get('/api/who?q=1', { headers });
    const [ours, theirs] = [body.ours.headers.traceparent, body.theirs.headers.traceparent];
    assert.ok(ours.includes(trace) && theirs.includes(trace));
    assert.notEqual(ours, theirs);
  });

  it('lets a function make the answer from the request and all parts', async () => {
    const { answer, body } = await get('/api/made/12?x=1');
    assert.equal(body.method, 'POST');
    const { request, params, parts } = body.body;
    assert.deepEqual([request.method, request.query, params], ['GET', { x: '1' }, { id: '12' }]);
    assert.deepEqual(
      [parts.order.outcome, parts.order.status, parts.order.body.id, parts.order.headers['x-shard']],
      ['ok', 200, '12', 's1'],
    );
    assert.deepEqual(parts.ads, { status: 0, headers: {}, body: null, outcome: 'failed', reason: 'no-answer' });
    assert.equal(
      answer.headers.get('tenfold-parts'),
      'order;ok, ads;failed',
      'ours, not the one that the function sent',
    );
  });

  it('remembers a request whose answer a function made, and nothing of what it carried', async () => {
    const before = recent('made').counted;
    await get('/api/made/12?secret=1');
    await eventually(() => recent('made').counted > before, 'the request is over');
    const [request] = recent('made').newest;
    assert.equal(request?.status, 200);
    assert.ok(request.tookMs >= request.partsMs);
    assert.deepEqual(
      request.parts.map(({ name, outcome, status }) => [name, outcome, status]),
      [
        ['order', 'ok', undefined],
        ['ads', 'failed', 500],
      ],
    );
    assert.doesNotMatch(JSON.stringify(recent('made')), /secret|s1|customerId/);
  });

  it('remembers a request that failed, with the part that failed it', async () => {
    await get('/api/failing/orders');
    const [request] = recent('failing').newest;
    assert.deepEqual([request?.status, request?.code], [404, 'not-found']);
    const [, bad] = request?.parts ?? [];
    assert.deepEqual([bad?.outcome, bad?.status, bad?.critical], ['failed', 404, true]);
  });

  const posts: Record<string, [body: string, status: number]> = {
    'a body that matches': ['{"id":5}', 200],
    'a body that does not match': ['{"no":5}', 400],
    'a body that is no JSON': ['{"id"', 400],
    'no body': ['', 400],
    'a body that is too large': [JSON.stringify({ id: 'x'.repeat(200) }), 413],
  };
  for (const [name, [body, status]] of Object.entries(posts)) {
    it(`answers ${status} to ${name}`, async () => {
      const headers = { 'content-type': 'application/json' };
      const { answer, body: answered } = await get('/api/posted', { method: 'POST', body, headers });
      assert.equal(answer.status, status);
      if (status === 200) assert.deepEqual(answered.body, { wanted: 5 });
    });
  }

  it('answers HEAD with the head alone', async () => {
    const answer = await fetch(`${served.address}/api/list`, { method: 'HEAD' });
    assert.deepEqual([answer.status, await answer.text()], [200, '']);
    assert.equal(answer.headers.get('tenfold-parts'), 'customer;ok');
  });

  it('gives up its parts when the client is gone', async () => {
    let gone = false;
    const before = upstream.seen.length;
    const request = httpRequest(`${served.address}/api/slow`);
    request.on('error', () => {});
    request.end();
    await eventually(() => upstream.seen.length > before, 'the part is called');
    upstream.seen.at(-1)?.on('close', () => {
      gone = true;
    });
    request.destroy();
    await eventually(() => gone, 'the call of the part is cut');
    const [left] = recent('slow').newest;
    assert.deepEqual([left?.status, left?.parts[0]?.reason], [undefined, 'cancelled']);
  });

  it('keeps what its parts cached, and its recent requests, when the plan changes', async () => {
    const calls = () => upstream.seen.filter(({ url }) => url === '/echo').length;
    const ask = () => get('/api/who?q=1', { headers: { 'x-secret': 's' } });
    await ask();
    const before = calls();
    served.swap(APP(upstream.origin));
    assert.equal((await ask()).answer.status, 200);
    assert.equal(calls(), before + 1, 'only the part without a cache is called');
    const shared = recent('who').newest.map(({ parts }) => parts[2]?.ageMs !== undefined);
    assert.deepEqual(shared.slice(0, 2), [true, true]);
  });
});
