// The OpenAPI document of an Api: valid by the standard's own schema, true to the routes, silent
// about what stands behind.
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { toOpenApi } from '../../../gateway/openapi/document.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { serveYaml } from '../serve-yaml.ts';

function documentOf(spec: string) {
  const { resources, problems } = loadText(
    'app.yaml',
    `apiVersion: tenfold.dev/v1alpha1\nkind: Api\nmetadata: { name: shop }\nspec:\n${spec}`,
  );
  assert.deepEqual(problems, []);
  const [api] = createResourceSet(resources).ofKind('Api');
  assert.ok(api);
  // biome-ignore lint/suspicious/noExplicitAny: read member by member below
  return JSON.parse(JSON.stringify(toOpenApi(api))) as any;
}

const FULL = `
  hosts: [shop.example.com, '*.shop.example.com']
  basePath: /shop
  version: { name: v2, by: header, default: true }
  auth:
    jwt: { issuer: https://login.example.com, audience: shop }
    apiKey: { secret: partners, header: x-partner-key }
  rateLimit: { rate: 100/s }
  deprecation: { since: 2026-01-01, sunset: 2027-01-01, link: https://docs.example.com/move }
  openapi: { title: The shop, description: Everything. }
  graphql:
    schema: ./shop.graphql
    resolvers: { Query.menu: { to: { url: 'http://10.0.0.7/secret' } } }
  routes:
    - match: { path: /orders/:id, method: [GET, DELETE], headers: { x-client: { prefix: 'a.b' } } }
      name: order
      summary: One order.
      to: { url: 'http://10.0.0.7/secret' }
    - match: { path: /orders/:id, method: GET, query: { full: 'true' } }
      to: { url: 'http://10.0.0.7/secret' }
    - match: { path: /orders, method: POST, cookies: { sid: { present: true } } }
      to: { url: 'http://10.0.0.7/secret' }
      request:
        schema: { type: object, properties: { item: { $ref: '#/$defs/item' } }, $defs: { item: { type: string } } }
    - match: { path: /files/* }
      auth: { required: false }
      to: { url: 'http://10.0.0.7/secret' }
    - match: { path: /any }
      to: { url: 'http://10.0.0.7/secret' }`;

const ACCEPTING = `
  auth: { apiKey: { secret: keys } }
  routes:
    - match: { path: /imports, method: POST }
      to: { queue: imports }
      request: { schema: { type: object } }
    - match: { path: /jobs/:job/parts, method: POST }
      to: { queue: imports }
    - match: { path: /orders, method: POST }
      to: { topic: orders }`;

const ASKING = `
  auth: { apiKey: { secret: keys } }
  routes:
    - match: { path: /orders, method: [GET, HEAD] }
      to: { view: orders }
    - match: { path: /both, method: GET }
      to: [{ view: orders, weight: 1 }, { url: 'http://a.example', weight: 1 }]`;

const APIS: Record<string, string> = {
  'routes to Views': ASKING,
  'routes that take jobs and events': ACCEPTING,
  'one route': `
  routes: [{ match: { path: / }, to: { url: 'http://a.example' } }]`,
  'everything that can be declared': FULL,
  'a version in the path': `
  version: { name: v1, by: path }
  routes: [{ match: { path: /x, method: GET }, to: { url: 'http://a.example' } }]`,
  'a GraphQL endpoint alone': `
  graphql: { schema: ./shop.graphql, resolvers: { Query.menu: { to: { url: 'http://a.example' } } } }`,
};

describe('an OpenAPI document', () => {
  for (const [name, spec] of Object.entries(APIS)) {
    it(`is valid OpenAPI 3.1 for ${name}`, async () => {
      const result = await new Validator().validate(documentOf(spec));
      assert.deepEqual(result, { valid: true });
    });
  }

  it('has its operation ids once each', () => {
    const { paths } = documentOf(FULL);
    const ids = Object.values<Record<string, { operationId: string }>>(paths).flatMap(item =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length, ids.join(' '));
  });

  it('never shows the address or the name of what stands behind', () => {
    assert.doesNotMatch(JSON.stringify(documentOf(FULL)), /10\.0\.0\.7|secret/);
  });

  it('has hosts, base path and version as servers', () => {
    assert.deepEqual(documentOf(FULL).servers, [
      { url: 'https://shop.example.com/shop' },
      { url: 'https://{host}.shop.example.com/shop', variables: { host: { default: 'www' } } },
    ]);
    assert.deepEqual(documentOf(APIS['a version in the path'] ?? '').servers, [{ url: '/v1' }]);
  });

  it('has parameters of path, header, query and cookie', () => {
    const { paths } = documentOf(FULL);
    const named = (operation: { parameters: { in: string; name: string; required: boolean }[] }) =>
      operation.parameters.map(each => `${each.in} ${each.name}${each.required ? '' : '?'}`);
    assert.deepEqual(named(paths['/orders'].post), ['cookie sid', 'header api-version?']);
    assert.deepEqual(named(paths['/orders/{id}'].delete), ['path id', 'header x-client', 'header api-version?']);
    assert.deepEqual(named(paths['/files/{rest}'].get), ['path rest', 'header api-version?']);
  });

  it('makes optional what only one of several routes with the same path and method asks for', () => {
    const { parameters } = documentOf(FULL).paths['/orders/{id}'].get;
    assert.deepEqual(
      parameters.map((each: { name: string; required: boolean }) => [each.name, each.required]),
      [
        ['id', true],
        ['x-client', false],
        ['api-version', false],
        ['full', false],
      ],
    );
  });

  it('has the schema of the body with its references kept inside', () => {
    const { schema } = documentOf(FULL).paths['/orders'].post.requestBody.content['application/json'];
    assert.equal(schema.$id, 'bodies/postOrders');
    assert.equal(schema.properties.item.$ref, '#/$defs/item');
  });

  it('has the ways to show who calls, and none for open routes', () => {
    const { security, components, paths } = documentOf(FULL);
    assert.deepEqual(security, [{ jwt: [] }, { apiKey: [] }]);
    assert.deepEqual(components.securitySchemes.apiKey, { type: 'apiKey', in: 'header', name: 'x-partner-key' });
    assert.deepEqual(paths['/files/{rest}'].get.security, []);
    assert.equal(paths['/any'].get.security, undefined);
  });

  it('marks what is deprecated, with the end and where to go', () => {
    const { deprecated, externalDocs, 'x-sunset': sunset } = documentOf(FULL).paths['/any'].get;
    assert.deepEqual(
      [deprecated, externalDocs, sunset],
      [true, { url: 'https://docs.example.com/move' }, '2027-01-01'],
    );
  });

  it('names the problems that the gateway answers with', () => {
    const { responses } = documentOf(FULL).paths['/orders'].post;
    assert.deepEqual(Object.keys(responses).sort(), ['2XX', '400', '401', '403', '413', '415', '429', '5XX']);
  });
});

describe('the OpenAPI document at the public listener', () => {
  it('is served below the base path, and not sent again to who has it', async () => {
    const upstream = await startUpstream();
    const served = await serveYaml(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  openapi: { path: /docs/openapi.json }
  routes: [{ match: { path: /orders, method: GET }, to: { url: '${upstream.origin}' } }]
`);
    const answer = await fetch(`${served.address}/shop/docs/openapi.json`);
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as { info: { title: string } }).info.title, 'shop');
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(`${served.address}/shop/docs/openapi.json`, { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    assert.equal((await fetch(`${served.address}/shop/docs/openapi.json`, { method: 'POST' })).status, 405);
    assert.equal(upstream.seen.length, 0);
    await served.close();
    await upstream.close();
  });

  it('cannot take the place of a route', () => {
    const { resources } = loadText(
      'app.yaml',
      `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  openapi: { path: /orders }
  routes: [{ match: { path: /orders, method: [GET, POST] }, to: { url: 'http://a.example' } }]
`,
    );
    const environment = createFakeEnvironment();
    const { problems } = compilePlan(createResourceSet(resources), environment, createPlanStateStore().begin());
    assert.deepEqual(
      problems.map(({ severity, path }) => [severity, path.join('.')]),
      [['error', 'spec.openapi.path']],
    );
  });

  it('is not served when the Api does not ask for it', async () => {
    const served = await serveYaml(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes: [{ match: { path: /orders, method: GET }, to: { url: 'http://a.example' } }]
`);
    assert.equal((await fetch(`${served.address}/openapi.json`)).status, 404);
    await served.close();
  });
});

describe('an OpenAPI document of what takes jobs and events', () => {
  const { paths, components } = documentOf(ACCEPTING);

  it('says what is answered before the work is done', () => {
    const { responses, parameters, requestBody } = paths['/imports'].post;
    assert.deepEqual(
      Object.keys(responses).filter(status => status.startsWith('2')),
      ['202'],
    );
    assert.ok(responses['202'].headers.Location && responses['422']);
    assert.ok(parameters.some(({ name }: { name: string }) => name === 'Idempotency-Key'));
    assert.ok(requestBody);
    assert.ok(components.schemas.Job);
    assert.ok(paths['/orders'].post.responses['204']);
  });

  it('shows the jobs below their route', () => {
    assert.deepEqual(Object.keys(paths['/imports/{job}']), ['get', 'delete']);
    assert.deepEqual(Object.keys(paths['/imports/{job}/result']), ['get']);
    assert.ok(paths['/imports/{job}'].get.responses['404'] && paths['/imports/{job}'].get.responses['401']);
    assert.equal(paths['/imports/{job}'].get.requestBody, undefined);
    assert.ok(paths['/jobs/{job}/parts/{queuedJob}']);
    assert.equal(paths['/orders/{job}'], undefined);
  });
});

describe('an OpenAPI document of what asks Views', () => {
  const { paths } = documentOf(ASKING);

  it('has one answer and the stream of a follower, its events, and how it is asked for', () => {
    const { responses, parameters } = paths['/orders'].get;
    const { content, headers } = responses['200'];
    assert.deepEqual(Object.keys(content), ['application/json', 'text/event-stream']);
    assert.deepEqual(Object.keys(headers), ['tenfold-as-of', 'tenfold-behind']);
    const { schema, example } = content['text/event-stream'];
    for (const event of ['rows', 'change', 'resumed', 'ended']) assert.ok(schema.description.includes(`\`${event}\``));
    assert.match(example, /^event: rows\nid: \S+\ndata: \{.*\}\n\nevent: change\n/);
    const named = parameters.map((each: { in: string; name: string }) => `${each.in} ${each.name}`);
    assert.deepEqual(named, ['query live', 'header Last-Event-ID']);
  });

  it('says that followers may be refused, and when to ask again', () => {
    const { responses } = paths['/orders'].get;
    const statuses = ['200', '400', '401', '403', '404', '406', '503', '5XX'];
    assert.deepEqual(Object.keys(responses).sort(), statuses);
    assert.ok(responses['503'].headers['Retry-After']);
  });

  it('promises no stream of another method, and of a route that also leads elsewhere', () => {
    for (const { responses, parameters } of [paths['/orders'].head, paths['/both'].get]) {
      assert.ok(responses['2XX']);
      assert.deepEqual(parameters, []);
    }
  });
});
