// A kept answer is given to those only for whom the target would have made the same one,
// whatever fields a caller sends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';
import { type Answer, withListener } from './cached-listener.ts';

/** Answers with all that it was told. */
const tell: Answer = (request, response) =>
  response.end(JSON.stringify({ url: request.url, fields: request.rawHeaders }));

const credentials = ['X-Api-Key', 'Api-Key', 'X-Auth-Token', 'X-Access-Token', 'X-Amz-Security-Token', 'X-Session-Id'];
credentials.push('X-User', 'X-Csrf-Token', 'Private-Token', 'X_Api_Key', 'Proxy-Authorization', 'X-Tenant', 'X-Auth');
const poisons = ['X-Host', 'X-Original-Host', 'X-Forwarded-Scheme', 'X-Forwarded-Ssl', 'Origin', 'User-Agent'];
poisons.push('Referer', 'X_HTTP_Method_Override', 'X-HTTP-Method', 'Accept', 'Accept-Language', 'Accept-Encoding');
poisons.push('Forwarded', 'X-Forwarded-For', 'X-Request-Id', 'Baggage', 'Sec-CH-UA-Mobile', 'Via', 'Content-Type');

/** Bytes of a request in which `fields` stand as they are. */
const requestWith = (fields: readonly string[]) =>
  `GET /shop/menu HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n${fields.map(each => `${each}\r\n`).join('')}\r\n`;

describe('a cached answer', () => {
  for (const name of [...credentials, ...poisons]) {
    it(`made for a caller with ${name} is not given to one with another, or with none`, () =>
      withListener('ttl: 1m', tell, async ({ listener }) => {
        const ask = async (fields: string[]) => (await sendRaw(listener.address, requestWith(fields))).text;
        await ask([`${name}: evil-1`]);
        assert.doesNotMatch(await ask([`${name}: evil-2`]), /evil-1/);
        assert.doesNotMatch(await ask([]), /evil/);
        assert.match(await ask([]), /tenfold; hit/);
      }));
  }

  it('is a function of what its key holds: any two callers get what they would have got without a cache', async () => {
    const name = fc.constantFrom(...credentials, ...poisons, 'Cookie', 'Authorization', 'X-Unknown', 'Tracestate');
    const field = fc.tuple(name, fc.constantFrom('a=1', 'b=2', 'gzip', 'br', 'deflate')).map(each => each.join(': '));
    const caller = fc.uniqueArray(field, { maxLength: 4, selector: each => each.toLowerCase().split(':')[0] });
    const upstream = await startUpstream((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const yaml = (run: number) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { path: "/*" }, to: { url: "${upstream.origin}" }, cache: { ttl: 1m }, summary: "${run}" }] }
`;
    let run = 0;
    const listener = await serveYaml(yaml(run));
    /** A route that was changed begins with an empty cache. */
    const forget = () => listener.swap(yaml(++run));
    /** Fields of which every caller sends its own, and that no answer may depend on. */
    const own = /^(traceparent|tracestate|tenfold-[\w-]+|x-forwarded-for|forwarded)$/i;
    const told = async (fields: readonly string[]) => {
      const { text } = await sendRaw(listener.address, requestWith(fields));
      const list: string[] = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1));
      const pairs = list.flatMap((each, at) => (at % 2 === 0 ? [`${each.toLowerCase()}: ${list[at + 1]}`] : []));
      return pairs.filter(each => !own.test(each.split(':')[0] ?? '')).sort();
    };
    try {
      await fc.assert(
        fc.asyncProperty(caller, caller, async (first, second) => {
          forget();
          const alone = await told(second);
          forget();
          await told(first);
          assert.deepEqual(await told(second), alone);
        }),
        { numRuns: 150 },
      );
    } finally {
      await listener.close();
      await upstream.close();
    }
  });

  it('is made with the fields of the key, and those that the target names in Vary from its second answer on', () =>
    withListener(
      'ttl: 1m, vary: [x-device]',
      (request, response) => response.setHeader('vary', 'user-agent').end(JSON.stringify(request.headers)),
      async ({ get }) => {
        const ask = async (agent: string, device = 'a') =>
          JSON.parse((await get('/menu', { 'user-agent': agent, 'x-device': device, 'accept-language': 'de' })).body);
        const first = await ask('one');
        assert.deepEqual([first['user-agent'], first['x-device'], first['accept-language']], ['tenfold', 'a', 'de']);
        assert.equal((await ask('one'))['user-agent'], 'one');
        assert.equal((await ask('two'))['user-agent'], 'two');
        assert.equal((await ask('two', 'b'))['x-device'], 'b');
      },
    ));

  it('says which field kept a request from the cache', () =>
    withListener('ttl: 1m', undefined, async ({ get }) => {
      assert.equal((await get('/menu', { 'x-tenant': 'a' })).cache, 'tenfold; fwd=bypass; detail="x-tenant"');
    }));

  it('knows nothing of the client that a template of its route could read', async () => {
    const upstream = await startUpstream((request, response) => response.end(JSON.stringify(request.headers)));
    const listener = await serveYaml(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: "/*" }
      to: { url: "${upstream.origin}" }
      cache: { ttl: 1m }
      request: { headers: { set: { x-device: "\${request.headers['user-agent']}" } } }
      response: { headers: { set: { x-asked-by: "\${request.headers['user-agent']}" } } }
`);
    const ask = async (agent: string) => {
      const answer = await fetch(`${listener.address}/`, { headers: { 'user-agent': agent } });
      return [answer.headers.get('x-asked-by'), JSON.parse(await answer.text())['x-device']];
    };
    try {
      assert.deepEqual(await ask('one'), ['one', 'tenfold']);
      assert.deepEqual(await ask('two'), ['two', 'tenfold']);
    } finally {
      await listener.close();
      await upstream.close();
    }
  });

  it('of a part knows nothing of who asks, also where an aggregate makes it', async () => {
    const hashed = (key: string) => createHash('sha256').update(key).digest('hex');
    const listener = await serveYaml(
      `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth: { apiKey: { secret: keys } }
  routes: [{ match: { path: "/pages/:id" }, to: { aggregate: outer } }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: outer }
spec:
  parts: { inner: { to: { aggregate: inner }, path: /, cache: { ttl: 1m } } }
  response: { body: { of: "\${inner.body}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: inner }
spec:
  parts: { any: { to: { function: any }, path: /, required: false } }
  response: { body: { who: "\${consumer}", page: "\${params.id}" } }
`,
      { functions: { any: 'http://127.0.0.1:1' }, secrets: () => ({ ada: hashed('a'), bob: hashed('b') }) },
    );
    try {
      const ask = async (key: string, page: string) =>
        (await fetch(`${listener.address}/pages/${page}`, { headers: { 'x-api-key': key } })).json();
      assert.deepEqual(await ask('a', '1'), { of: { who: '', page: '1' } });
      assert.deepEqual(await ask('b', '1'), { of: { who: '', page: '1' } });
      assert.deepEqual(await ask('b', '2'), { of: { who: '', page: '2' } });
    } finally {
      await listener.close();
    }
  });
});
