// The spans of requests: of the gateway, of each attempt, and of the parts of an aggregate.
import assert from 'node:assert/strict';
import { recordSpans, type SpanRecord } from '../../core/tracing/record-spans.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const APP = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /orders/:id }
      to: { url: ${origin}/v1 }
      retry: { attempts: 3, "on": [5xx], initial: 1ms, max: 2ms }
    - match: { path: /page }
      to: { aggregate: page }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts:
    menu: { to: { url: '${origin}' }, path: /menu }
    news: { to: { url: '${origin}' }, path: /broken, required: false }
  response: { body: { menu: "\${menu.body}" } }
`;

describe('the spans of a request', () => {
  async function serve(options: Parameters<typeof recordSpans>[0] = {}) {
    const seen: string[] = [];
    const upstream = await startUpstream((request, response) => {
      seen.push(String(request.headers['traceparent']));
      if (request.url?.endsWith('/slow')) return;
      response.statusCode = request.url?.includes('broken') ? 500 : request.url?.includes('none') ? 404 : 200;
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const recorded = recordSpans(options);
    const served = await serveYaml(APP(upstream.origin), { tracer: recorded.tracer });
    return {
      ...recorded,
      seen,
      address: served.address,
      origin: upstream.origin,
      async close() {
        await served.close();
        await upstream.close();
      },
    };
  }

  const named = (spans: readonly SpanRecord[], name: string) => {
    const found = spans.find(span => span.name === name);
    assert.ok(found, `${name} of ${spans.map(span => span.name)}`);
    return found;
  };

  it('are that of the gateway and one for each attempt, which the target continues', async () => {
    const it = await serve();
    try {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const headers = { traceparent, tracestate: 'a=1' };
      await fetch(`${it.address}/orders/broken?token=secret`, { headers });
      await eventually(() => it.spans.length === 4, 'four spans');
      assert.deepEqual(new Set(it.spans.map(({ tracestate }) => tracestate)), new Set(['a=1']));
      const server = named(it.spans, 'GET /orders/:id');
      const attempts = it.spans.filter(({ kind }) => kind === 'client');
      assert.deepEqual([server.kind, server.parentSpanId, server.failed], ['server', '00f067aa0ba902b7', true]);
      assert.deepEqual(
        attempts.map(({ parentSpanId, failed }) => [parentSpanId, failed]),
        attempts.map(() => [server.spanId, true]),
      );
      assert.deepEqual(
        it.seen,
        attempts.map(({ spanId }) => `00-4bf92f3577b34da6a3ce929d0e0e4736-${spanId}-01`),
      );
      const { port } = new URL(it.origin);
      assert.deepEqual(attempts[0]?.attributes, {
        'http.request.method': 'GET',
        'server.address': '127.0.0.1',
        'server.port': Number(port),
        'url.full': `${it.origin}/v1/orders/broken`,
        'http.response.status_code': 500,
        'error.type': '500',
      });
      assert.doesNotMatch(JSON.stringify(it.spans), /secret/);
      assert.equal(server.attributes['http.route'], '/orders/:id');
      assert.equal(server.attributes['http.response.status_code'], 500);
    } finally {
      await it.close();
    }
  });

  it('have one for each part of an aggregate, with the calls of the part below', async () => {
    const it = await serve();
    try {
      await (await fetch(`${it.address}/page`)).text();
      await eventually(() => it.spans.length === 5, 'five spans');
      const server = named(it.spans, 'GET /page');
      const menu = named(it.spans, 'part menu');
      const news = named(it.spans, 'part news');
      assert.deepEqual([menu.parentSpanId, news.parentSpanId], [server.spanId, server.spanId]);
      assert.deepEqual([menu.failed, news.failed, news.attributes['tenfold.part.outcome']], [false, true, 'failed']);
      const calls = it.spans.filter(({ kind }) => kind === 'client').map(({ parentSpanId }) => parentSpanId);
      assert.deepEqual(new Set(calls), new Set([menu.spanId, news.spanId]));
    } finally {
      await it.close();
    }
  });

  it('are not exported of what nobody sampled, unless the answer is an error of the server', async () => {
    const it = await serve({ sampling: { ratio: 0, parentBased: true } });
    try {
      await fetch(`${it.address}/orders/fine`);
      await fetch(`${it.address}/orders/none`);
      await fetch(`${it.address}/nowhere`);
      await fetch(`${it.address}/orders/broken`);
      await eventually(() => it.spans.length > 0, 'spans');
      assert.equal(new Set(it.spans.map(({ traceId }) => traceId)).size, 1);
      assert.equal(it.spans.length, 4);
      assert.deepEqual(it.told, [it.spans[0]?.traceId]);
      assert.match(it.seen[0] ?? '', /-00$/);
    } finally {
      await it.close();
    }
  });

  it('end when the client leaves', async () => {
    const it = await serve();
    try {
      const leaving = new AbortController();
      const left = fetch(`${it.address}/orders/slow`, { signal: leaving.signal }).catch(() => {});
      await eventually(() => it.seen.length === 1, 'the call has begun');
      leaving.abort();
      await left;
      await eventually(() => it.spans.length === 2, 'both spans');
      const call = it.spans.find(({ kind }) => kind === 'client');
      assert.deepEqual([call?.failed, call?.attributes['tenfold.given_up']], [false, true]);
      assert.equal(named(it.spans, 'GET /orders/:id').attributes['error.type'], 'client.left');
    } finally {
      await it.close();
    }
  });
});
