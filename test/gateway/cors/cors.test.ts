// Pages of other origins: what a browser is told before and with a request, for allowed origins and
// for those that look like them.
import assert from 'node:assert/strict';
import { createOriginTest } from '../../../gateway/http/origins.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { ordersYaml, shopYaml } from '../api/shop-yaml.ts';
import { serveYaml } from '../serve-yaml.ts';

describe('origins', () => {
  const allows = createOriginTest([
    'https://shop.example.com',
    'https://*.example.com',
    'http://localhost:3000',
    'https://*.dev.example.com:8443',
  ]);
  const rows: Record<string, [string, boolean]> = {
    'the origin itself': ['https://shop.example.com', true],
    'a host one level below': ['https://www.example.com', true],
    'another port that is listed': ['http://localhost:3000', true],
    'a host below with its port': ['https://a.dev.example.com:8443', true],
    'a host two levels below': ['https://a.b.example.com', false],
    'the parent itself': ['https://example.com', false],
    'another scheme': ['http://shop.example.com', false],
    'another port': ['https://shop.example.com:8443', false],
    'no port where one is listed': ['http://localhost', false],
    'a suffix': ['https://evilexample.com', false],
    'a suffix behind the name': ['https://shop.example.com.evil.net', false],
    'a name with the origin inside': ['https://evil.net?.example.com', false],
    'user information': ['https://shop.example.com@evil.example.com', false],
    null: ['null', false],
    nothing: ['', false],
    'a wildcard': ['https://*.example.com', false],
    'a label that is empty': ['https://.example.com', false],
  };
  for (const [name, [origin, expected]] of Object.entries(rows)) {
    it(`${expected ? 'takes' : 'refuses'} ${name}`, () => assert.equal(allows(origin), expected));
  }
});

describe('cors', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  const ORIGIN = 'https://www.example.com';

  before(async () => {
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { 'access-control-allow-origin': 'https://target.example', vary: 'accept' }).end('ok');
    });
    const routes = `    - { match: { path: /orders, method: [GET, POST] }, to: { function: orders } }
    - { match: { path: '/orders/:id', method: GET }, to: { function: orders } }
    - { match: { path: '/orders/*', method: PUT }, to: { function: orders } }
    - { match: { path: /mobile, method: PATCH, headers: { x-client: mobile } }, to: { function: orders } }
    - { match: { path: /options, method: OPTIONS }, to: { function: orders } }
    - { match: { path: /limited }, to: { function: orders }, cors: { origins: ['${ORIGIN}'], methods: [GET], headers: [x-one] } }
    - { match: { path: /public }, to: { function: orders }, cors: { origins: ['*'] } }`;
    const cors = `  auth: { apiKey: { secret: keys } }
  cors:
    origins: ['https://*.example.com']
    credentials: true
    exposeHeaders: [x-total, ratelimit]
    maxAge: 1h`;
    const plain = shopYaml(
      '  basePath: /plain',
      '    - { match: { path: /orders }, to: { function: orders } }',
      'plain',
    );
    served = await serveYaml(`${shopYaml(cors, routes)}\n---\n${plain}${ordersYaml}`, {
      functions: { orders: upstream.origin },
    });
  });
  after(async () => {
    await served.close();
    await upstream.close();
  });

  const preflight = (path: string, method: string, more: Record<string, string> = {}) =>
    fetch(served.address + path, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': method, ...more },
    });

  it('answers a preflight itself, without credentials, for a route without OPTIONS', async () => {
    const answer = await preflight('/orders', 'POST', { 'access-control-request-headers': 'content-type,x-api-key' });
    assert.equal(answer.status, 204);
    assert.partialDeepStrictEqual(Object.fromEntries(answer.headers), {
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': 'content-type, x-api-key',
      'access-control-max-age': '3600',
      vary: 'origin, access-control-request-method, access-control-request-headers',
    });
    assert.equal(upstream.seen.length, 0);
  });

  it('finds the route that the request itself would take, not one of the same path', async () => {
    assert.equal((await preflight('/orders/7', 'PUT')).status, 204);
    assert.equal((await preflight('/orders/7', 'DELETE')).status, 405);
  });

  it('does not ask for the conditions of a route, which a preflight cannot meet', async () => {
    assert.equal((await preflight('/mobile', 'PATCH')).status, 204);
  });

  it('refuses a preflight of an origin that may not call, without any grant', async () => {
    for (const origin of ['null', 'https://evil.net', 'https://evilexample.com']) {
      const answer = await preflight('/orders', 'GET', { origin });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      assert.match(answer.headers.get('vary') ?? '', /origin/);
    }
  });

  it('refuses methods and headers that are not listed', async () => {
    assert.equal((await preflight('/limited', 'GET', { 'access-control-request-headers': 'x-one' })).status, 204);
    assert.equal((await preflight('/limited', 'PUT')).status, 403);
    assert.equal((await preflight('/limited', 'GET', { 'access-control-request-headers': 'x-two' })).status, 403);
  });

  it('leaves OPTIONS requests that are no preflight to their route, or to 405', async () => {
    const plain = await fetch(`${served.address}/orders`, { method: 'OPTIONS', headers: { origin: ORIGIN } });
    assert.equal(plain.status, 405);
    assert.equal((await fetch(`${served.address}/options`, { method: 'OPTIONS' })).status, 401);
  });

  it('says nothing of other origins where there is no cors', async () => {
    const answer = await fetch(`${served.address}/plain/orders`, { headers: { origin: ORIGIN } });
    assert.equal(answer.headers.get('vary'), 'accept');
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://target.example');
  });

  it('lets pages read answers, refusals too, in place of what the target says', async () => {
    const open = await fetch(`${served.address}/public`, { headers: { origin: ORIGIN } });
    assert.equal(open.status, 401);
    assert.equal(open.headers.get('access-control-allow-origin'), '*');
    const answer = await fetch(`${served.address}/orders`, { headers: { origin: ORIGIN } });
    assert.partialDeepStrictEqual(Object.fromEntries(answer.headers), {
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-total, ratelimit',
      vary: 'origin',
    });
  });

  it('replaces the grant of the target, keeps its Vary, and varies by origin for every origin', async () => {
    const cors = shopYaml(`  cors: { origins: ['${ORIGIN}'] }`);
    const other = await serveYaml(cors + ordersYaml, { functions: { orders: upstream.origin } });
    for (const origin of [undefined, 'null', ORIGIN]) {
      const answer = await fetch(`${other.address}/orders`, { headers: origin === undefined ? {} : { origin } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('access-control-allow-origin'), origin === ORIGIN ? ORIGIN : null);
      assert.equal(answer.headers.get('vary'), 'accept, origin');
    }
    await other.close();
  });
});
