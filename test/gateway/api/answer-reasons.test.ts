// What the access log says of errors that the gateway makes: reason, level, cause and figures.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Registry } from 'prom-client';
import { createGatewayMetrics } from '../../../gateway/metrics.ts';
import { toRequestEntry } from '../../../server/listeners/request-entry.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string, closed: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - { match: { path: /fine }, to: { url: "${origin}" } }
    - { match: { method: GET, path: /cached }, to: { url: "${origin}" }, cache: { ttl: 1m, staleIfError: 1m } }
    - { match: { path: /away }, to: { url: "${closed}" } }
    - { match: { path: /nowhere }, to: { url: "http://no-such-host.invalid" } }
    - { match: { path: /hangs }, to: { url: "${origin}" }, timeout: 80ms }
    - { match: { path: /hangs/first }, to: { url: "${origin}" }, timeouts: { firstByte: 60ms } }
    - { match: { path: /cut }, to: { url: "${origin}" } }
    - { match: { path: /half }, to: { url: "${origin}" } }
    - { match: { path: /twice }, to: { url: "${origin}" }, retry: { attempts: 2, initial: 1ms, "on": [5xx] } }
    - { match: { path: /small }, to: { url: "${origin}" }, request: { maxBody: 4 } }
    - { match: { path: /often }, to: { url: "${origin}" }, rateLimit: { rate: 1/h } }
    - { match: { path: /old }, to: { url: "${origin}" }, deprecation: { since: "2020-01-01", sunset: "2021-01-01" } }
    - { match: { path: /breaks }, to: { url: "${closed}" }, circuitBreaker: { minimum: 1, errorRate: 50%, open: 5m } }
    - { match: { path: /full/* }, to: { function: full } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: closed }
spec:
  basePath: /closed
  auth: { apiKey: { secret: keys } }
  routes: [ { match: { path: /x }, to: { url: "${origin}" } } ]
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: full }
spec: { source: ./full.ts, limits: { concurrency: 1, waiting: 0 } }
`;

const secrets = () => ({ mobile: createHash('sha256').update('key of mobile').digest('hex') });

async function closedOrigin(): Promise<string> {
  const [port = 0] = await freePorts(1);
  return `http://127.0.0.1:${port}`;
}

describe('the reason of an answer that the gateway makes', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      const { url = '' } = request;
      if (url.includes('/hangs')) return;
      if (url.startsWith('/cut')) request.socket.destroy();
      else if (url.startsWith('/half')) {
        response.writeHead(200, { 'content-length': '100' });
        response.write('only this', () => request.socket.destroy());
      } else {
        response.statusCode = url.startsWith('/twice') ? 500 : 200;
        response.end('hello');
      }
    });
    listener = await serveYaml(yaml(upstream.origin, await closedOrigin()), {
      secrets,
      functions: { full: upstream.origin },
    });
  });
  beforeEach(() => listener.answered.splice(0));
  after(async () => {
    await listener.close();
    await upstream.close();
  });

  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(listener.address + path, init);
    const text = await answer.text().catch(() => '');
    await eventually(() => listener.answered.length > 0, 'the answer is reported');
    const [entry] = listener.answered.splice(0).map(toRequestEntry);
    assert.ok(entry);
    return { status: answer.status, text, entry };
  };

  const rows: readonly [path: string, init: RequestInit, status: number, reason: string, level: string][] = [
    ['/nothing', {}, 404, 'route.none', 'info'],
    ['/shop/cached', { method: 'POST' }, 405, 'route.method', 'info'],
    ['/closed/x', {}, 401, 'auth.missing', 'info'],
    ['/closed/x', { headers: { 'x-api-key': 'guessed' } }, 401, 'auth.invalid', 'info'],
    ['/shop/small', { method: 'POST', body: 'too large' }, 413, 'request.too-large', 'info'],
    ['/shop/old', {}, 410, 'route.retired', 'info'],
    ['/shop/away', {}, 502, 'upstream.refused', 'error'],
    ['/shop/nowhere', {}, 502, 'upstream.unresolved', 'error'],
    ['/shop/cut', {}, 502, 'upstream.reset', 'error'],
    ['/shop/hangs', {}, 504, 'upstream.timeout', 'error'],
    ['/shop/hangs/first', {}, 504, 'upstream.timeout', 'error'],
  ];
  for (const [path, init, status, reason, level] of rows) {
    it(`${status} of ${init.method ?? 'GET'} ${path} is ${reason}`, async () => {
      const { entry, ...answer } = await ask(path, init);
      assert.equal(answer.status, status);
      assert.deepEqual([entry.status, entry.reason, entry.level], [status, reason, level]);
      assert.equal(entry.cause === undefined, level === 'info');
      assert.doesNotMatch(answer.text, new RegExp(reason.replace('.', '\\.')));
    });
  }

  it('the cause names for operators what a client does not get', async () => {
    const { text, entry } = await ask('/shop/away');
    assert.match(entry.cause ?? '', /^Url 127\.0\.0\.1:\d+ refuses connections\. .*ECONNREFUSED/);
    assert.doesNotMatch(text, /127\.0\.0\.1|ECONNREFUSED/);
  });

  it('an answer of the target has none, whatever it says', async () => {
    const { status, entry } = await ask('/shop/twice');
    assert.deepEqual([status, entry.reason, entry.cause, entry.level], [500, undefined, undefined, 'info']);
  });

  it('an answer that broke off is an error, although it began well', async () => {
    await assert.rejects(fetch(`${listener.address}/shop/half`).then(answer => answer.text()));
    await eventually(() => listener.answered.length > 0, 'the answer is reported');
    const [entry] = listener.answered.map(toRequestEntry);
    assert.deepEqual([entry?.status, entry?.reason, entry?.level], [200, 'upstream.reset', 'error']);
  });

  it('a client that left is told from a target that did not answer', async () => {
    const leave = new AbortController();
    const before = upstream.seen.length;
    const asked = fetch(`${listener.address}/shop/full/hangs`, { signal: leave.signal }).catch(() => undefined);
    await eventually(() => upstream.seen.length > before, 'the target is asked');
    leave.abort();
    await asked;
    await eventually(() => listener.answered.length > 0, 'the end is reported');
    const [entry] = listener.answered.map(toRequestEntry);
    assert.deepEqual([entry?.status, entry?.reason, entry?.level], [0, 'client.left', 'info']);
  });

  it('over a rate limit it is a warning', async () => {
    await ask('/shop/often');
    const { status, entry } = await ask('/shop/often');
    assert.deepEqual([status, entry.reason, entry.level], [429, 'limit.rate', 'warn']);
  });

  it('of a breaker that is open says so, and that nothing was sent', async () => {
    const first = await ask('/shop/breaks');
    assert.deepEqual(
      [first.entry.reason, first.entry.breaker, first.entry.attempts],
      ['upstream.refused', undefined, 1],
    );
    const { status, entry } = await ask('/shop/breaks');
    assert.deepEqual([status, entry.reason, entry.level, entry.breaker], [503, 'breaker.open', 'warn', 'open']);
    assert.deepEqual([entry.attempts, entry.upstreamMs], [undefined, undefined]);
  });

  it('of the limits of a function names them', async () => {
    const leave = new AbortController();
    const first = fetch(`${listener.address}/shop/full/hangs`, { signal: leave.signal }).catch(() => undefined);
    await eventually(() => upstream.seen.at(-1)?.url === '/full/hangs', 'the only place is taken');
    const { status, entry } = await ask('/shop/full/now');
    assert.deepEqual([status, entry.reason, entry.level], [503, 'limit.calls', 'warn']);
    leave.abort();
    await first;
  });
});

describe('the figures of a line of the access log', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  let status = 200;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      request.on('end', () => {
        response.writeHead(status);
        response.end('hello');
      });
    });
    listener = await serveYaml(yaml(upstream.origin, upstream.origin), { secrets });
  });
  beforeEach(() => listener.answered.splice(0));
  after(async () => {
    await listener.close();
    await upstream.close();
  });

  const entryOf = async (path: string, init: RequestInit = {}) => {
    await (await fetch(listener.address + path, init)).arrayBuffer();
    await eventually(() => listener.answered.length > 0, 'the answer is reported');
    const [entry] = listener.answered.splice(0).map(toRequestEntry);
    assert.ok(entry);
    return entry;
  };

  it('bytes are those of the bodies', async () => {
    const { bytesIn, bytesOut, attempts } = await entryOf('/shop/fine', { method: 'POST', body: 'x'.repeat(1234) });
    assert.deepEqual([bytesIn, bytesOut, attempts], [1234, 5, 1]);
    const head = await entryOf('/shop/fine', { method: 'HEAD' });
    assert.deepEqual([head.bytesIn, head.bytesOut], [0, 0]);
  });

  it('of an error of ours are those of its problem', async () => {
    const answer = await fetch(`${listener.address}/shop/old`);
    const { length } = await answer.text();
    await eventually(() => listener.answered.length > 0, 'the answer is reported');
    assert.equal(toRequestEntry(listener.answered[0] ?? assert.fail()).bytesOut, length);
  });

  it('the time of the target is a part of that of the request', async () => {
    const { upstreamMs = -1, durationMs } = await entryOf('/shop/fine');
    assert.ok(upstreamMs > 0 && upstreamMs <= durationMs, `${upstreamMs} of ${durationMs}`);
  });

  it('each attempt counts', async () => {
    status = 500;
    assert.equal((await entryOf('/shop/twice')).attempts, 2);
    status = 200;
  });

  it('the cache says what it did', async () => {
    assert.equal((await entryOf('/shop/cached')).cache, 'miss');
    assert.deepEqual(
      await entryOf('/shop/cached').then(({ cache, attempts, bytesOut }) => [cache, attempts, bytesOut]),
      ['hit', undefined, 5],
    );
    assert.equal((await entryOf('/shop/cached', { headers: { authorization: 'x' } })).cache, 'bypass');
    assert.equal((await entryOf('/shop/fine')).cache, undefined);
  });

  it('the metric counts by reason, and not what the target answered', async () => {
    for (const path of ['/shop/old', '/shop/old', '/shop/fine', '/none'])
      await (await fetch(listener.address + path)).arrayBuffer();
    await eventually(() => listener.answered.length === 4, 'all answers are reported');
    const registry = new Registry();
    const observe = createGatewayMetrics(registry, () => []);
    for (const entry of listener.answered) observe(entry);
    const counts = (await registry.metrics())
      .split('\n')
      .filter(line => line.startsWith('tenfold_http_failures_total'));
    assert.deepEqual(counts.sort(), [
      'tenfold_http_failures_total{listener="public",resource="",reason="route.none"} 1',
      'tenfold_http_failures_total{listener="public",resource="Api/default/shop",reason="route.retired"} 2',
    ]);
  });
});
