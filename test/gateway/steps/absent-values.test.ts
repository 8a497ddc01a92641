// What a client leaves out is "not set" in every template over its request: left out of headers and
// queries, null in bodies, never a failure of ours.
import assert from 'node:assert/strict';
import { evaluateIfSet, splitQuery } from '../../../core/cel/optional.ts';
import { compileTemplate } from '../../../core/cel/template.ts';
import { aggregateScope, scopeOf } from '../../../resources/references/scopes.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const SOURCES = ["request.headers['x-tenant']", 'request.query.tenant', 'request.cookies.tenant', 'claims.tenant'];

const yaml = (origin: string, source: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts:
    one:
      to: { url: "${origin}" }
      method: POST
      path: "/one?tenant=\${${source}}&kept=1"
      headers: { x-given: "\${${source}}", x-mixed: "to \${${source}}" }
      body: { tenant: "\${${source}}", kept: 1 }
  response:
    body: { one: "\${one.body}", tenant: "\${${source}}" }
    headers: { x-given: "\${${source}}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth: { optional: true, jwt: { issuer: "https://issuer.example", audience: [shop] } }
  routes:
    - match: { path: /route }
      to: { url: "${origin}" }
      request:
        path: "/new?tenant=\${${source}}&kept=1&\${${source}}=x"
        host: "\${${source}}"
        headers: { set: { x-given: "\${${source}}" }, add: { x-mixed: "to \${${source}}" } }
      response: { headers: { set: { x-given: "\${${source}}" } } }
    - match: { path: /path }
      to: { url: "${origin}" }
      request: { path: "/new/\${${source}}" }
    - { match: { path: /page }, to: { aggregate: page } }
`;

describe('what a client leaves out', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;

  before(async () => {
    upstream = await startUpstream();
  });
  afterEach(() => listener.close());
  after(() => upstream.close());

  for (const source of SOURCES) {
    it(`is not set: ${source}`, async () => {
      listener = await serveYaml(yaml(upstream.origin, source));
      const answer = await fetch(`${listener.address}/route`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('x-given'), null);
      const echo = (await answer.json()) as Echo;
      assert.equal(echo.url, '/new?kept=1');
      assert.ok(!echo.rawHeaders.some(name => name === 'x-given' || name === 'x-mixed'));
      assert.ok(echo.rawHeaders.includes(new URL(upstream.origin).host), 'the host of its address');

      const page = await fetch(`${listener.address}/page`);
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('x-given'), null);
      const { one, tenant } = (await page.json()) as { one: Echo; tenant: unknown };
      assert.equal(tenant, null);
      assert.equal(one.url, '/one?kept=1');
      assert.deepEqual(JSON.parse(one.body), { tenant: null, kept: 1 });
      assert.ok(!one.rawHeaders.some(name => name === 'x-given' || name === 'x-mixed'));

      assert.equal((await fetch(`${listener.address}/path`)).status, 400, 'a path cannot do without');
    });
  }

  it('and what it sends is', async () => {
    listener = await serveYaml(yaml(upstream.origin, "request.headers['x-tenant']"));
    const answer = await fetch(`${listener.address}/route`, { headers: { 'x-tenant': 'a&b' } });
    const echo = (await answer.json()) as Echo;
    assert.equal(echo.url, '/new?tenant=a%26b&kept=1&a%26b=x');
    assert.equal(answer.headers.get('x-given'), 'a&b');
    assert.equal(echo.rawHeaders[echo.rawHeaders.indexOf('x-mixed') + 1], 'to a&b');
  });

  it('is no excuse for what an answer of a part lacks', () => {
    const template = compileTemplate('${one.body.id}', aggregateScope(['one']));
    assert.throws(() => evaluateIfSet(template, { one: { status: 200, headers: {}, body: {} } }), /does not exist/);
  });

  it('is found in each parameter of a query by itself, whatever expressions hold', () => {
    assert.deepEqual(splitQuery('/a?x=${request.query.a == "?&" ? "1" : "2"}&$${y}=1'), {
      path: '/a',
      pairs: ['x=${request.query.a == "?&" ? "1" : "2"}', '$${y}=1'],
    });
    assert.deepEqual(splitQuery('/a/${params.id}'), { path: '/a/${params.id}', pairs: undefined });
    const template = compileTemplate('${request.query.b}', scopeOf('request'));
    assert.equal(evaluateIfSet(template, { request: { query: {} } }), undefined);
  });
});
