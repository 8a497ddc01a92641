// What the access log and the metrics say of each request, route by route.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Registry } from 'prom-client';
import { createGatewayMetrics } from '../../../gateway/metrics.ts';
import { toRequestEntry } from '../../../server/listeners/request-entry.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const key = 'key of mobile';
const secrets = () => ({ mobile: createHash('sha256').update(key).digest('hex') });
const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop, namespace: team-a }
spec:
  basePath: /shop
  auth: { apiKey: { secret: keys } }
  routes:
    - { name: one-order, match: { method: GET, path: "/orders/:id" }, to: { url: "${origin}" } }
    - { match: { path: /menu }, to: { url: "${origin}" }, auth: { required: false } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: busy }
spec:
  basePath: /busy
  accessLog: { sample: 0% }
  routes: [ { match: { path: "/:status" }, to: { url: "${origin}" } } ]
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  basePath: /old
  legacy: { url: "${origin}" }
  features:
    - { name: carts, match: { path: "/carts/*" }, to: { url: "${origin}" }, phase: live }
`;

describe('access log and metrics per route', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.statusCode = Number(/^\/(\d{3})$/.exec(request.url ?? '')?.[1] ?? 200);
      response.end();
    });
    listener = await serveYaml(yaml(upstream.origin), { secrets });
  });
  beforeEach(() => listener.answered.splice(0));
  after(async () => {
    await listener.close();
    await upstream.close();
  });

  const reported = async (count = 1) => {
    await eventually(() => listener.answered.length === count, `${count} answers are reported`);
    return listener.answered;
  };

  const requests: Record<string, [path: string, headers: Record<string, string>, expected: object]> = {
    'of a route with a name': [
      '/shop/orders/7?q=1',
      { 'x-api-key': key },
      { path: '/shop/orders/7', status: 200, resource: 'Api/team-a/shop', route: 'one-order', consumer: 'mobile' },
    ],
    'of a route without a name': [
      '/shop/menu',
      {},
      { status: 200, resource: 'Api/team-a/shop', route: '/shop/menu', consumer: undefined },
    ],
    'that is refused by its route': [
      '/shop/orders/7',
      { 'x-api-key': 'guessed' },
      { status: 401, resource: 'Api/team-a/shop', route: 'one-order', consumer: undefined },
    ],
    'of a feature of a Strangler': [
      '/old/carts/1',
      {},
      { status: 200, resource: 'Strangler/default/old', route: 'carts' },
    ],
    'that legacy answers': ['/old/pages', {}, { status: 200, route: '/old/*', target: 'legacy' }],
    'without a route': ['/nothing', {}, { status: 404, resource: undefined, route: undefined, target: undefined }],
  };
  for (const [name, [path, headers, expected]] of Object.entries(requests)) {
    it(`a line of a request ${name} says by whom and what for it was`, async () => {
      await (await fetch(listener.address + path, { headers })).arrayBuffer();
      const [entry] = (await reported()).map(toRequestEntry);
      assert.ok(entry);
      assert.partialDeepStrictEqual(entry, {
        method: 'GET',
        host: new URL(listener.address).host,
        client: '127.0.0.1',
        ...expected,
      });
      assert.match(entry.trace, /^[0-9a-f]{32}$/);
      assert.ok(entry.durationMs >= 0);
    });
  }

  it('a line never holds a credential or the query', async () => {
    await fetch(`${listener.address}/shop/orders/7?token=secret-token`, {
      headers: { 'x-api-key': key, authorization: 'Bearer secret-token', cookie: 'sid=secret-token' },
    });
    const text = JSON.stringify((await reported()).map(toRequestEntry));
    assert.doesNotMatch(text, /secret-token|key of mobile/);
  });

  it('a client that left early is known by its address all the same', async () => {
    await sendRaw(listener.address, 'GET /shop/menu HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nabc', 20);
    assert.equal((await reported())[0]?.client, '127.0.0.1');
  });

  it('accessLog.sample leaves successes out, and never failures', async () => {
    for (const status of [200, 404, 500, 503]) await fetch(`${listener.address}/busy/${status}`);
    assert.deepEqual(
      (await reported(4)).map(({ status, logged }) => [status, logged]),
      [
        [200, false],
        [404, false],
        [500, true],
        [503, true],
      ],
    );
  });

  it('metrics count by resource, route, method and status', async () => {
    await fetch(`${listener.address}/shop/orders/7`, { headers: { 'x-api-key': key } });
    await fetch(`${listener.address}/shop/orders/8`, { headers: { 'x-api-key': key } });
    await fetch(`${listener.address}/shop/menu`, { method: 'DELETE' });
    const registry = new Registry();
    const observe = createGatewayMetrics(registry, () => []);
    for (const entry of await reported(3)) observe(entry);
    const counts = (await registry.metrics()).split('\n').filter(line => line.includes('duration_seconds_count'));
    const labels = (method: string, pattern: string, route: string) =>
      `listener="public",http_request_method="${method}",http_route="${pattern}",http_response_status_code="200",resource="Api/team-a/shop",route="${route}"`;
    assert.deepEqual(counts.sort(), [
      `http_server_request_duration_seconds_count{${labels('DELETE', '/shop/menu', '')}} 1`,
      `http_server_request_duration_seconds_count{${labels('GET', '/shop/orders/:id', 'one-order')}} 2`,
    ]);
  });
});
