// The admin port over real HTTP: what is open, what is guarded, and what each endpoint answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdminServer } from '../../admin/admin-server.ts';
import type { FunctionDetail, List, PlatformInfo, ResourceDetail, ResourceSummary } from '../../admin/api.ts';
import type { PlatformView, RouteView } from '../../admin/platform-view.ts';
import type { Problem } from '../../core/problem.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { fakeProblem, fakeResource, fakeView } from '../fakes/platform-view.ts';

const TOKEN = 'a-token-of-some-length';
const AUTH = { authorization: `Bearer ${TOKEN}` };

interface Answer<Body> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Body;
}

const open = new Set<Server>();

type Ask = <Body = Problem>(path: string, headers?: object, method?: string) => Promise<Answer<Body>>;

async function start(view: PlatformView, onError?: (error: unknown) => void): Promise<Ask> {
  const server = createAdminServer(view, {
    token: TOKEN,
    allowedHosts: ['admin.example'],
    ...(onError ? { onError } : {}),
  });
  open.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return (path, headers = AUTH, method = 'GET') =>
    new Promise((resolve, reject) => {
      const sent = request({ port, path, method, headers: { ...headers }, agent: false }, async response => {
        let text = '';
        for await (const chunk of response) text += chunk;
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJson && text ? JSON.parse(text) : undefined,
        });
      });
      sent.on('error', reject);
      sent.end();
    });
}

describe('admin server', () => {
  afterEach(() => {
    for (const server of open) server.close();
    open.clear();
  });

  const route = {
    kind: 'Api',
    namespace: 'default',
    name: 'shop',
    methods: ['GET'],
    host: undefined,
    path: '/shop',
    conditions: [],
    target: 'function orders',
  };
  const running = {
    name: 'orders',
    namespace: 'default',
    state: 'ready',
    instances: 1,
    inFlight: 0,
    waiting: 0,
    restarts: 0,
  } as const;
  const rich = fakeView({
    resources: [
      fakeResource('Function', 'orders'),
      fakeResource('Function', 'orders', { namespace: 'other' }),
      fakeResource('Api', 'shop', { origin: { file: 'app.yaml', line: 20, column: 1 } }),
    ],
    problems: [fakeProblem({ severity: 'warning', line: 22 })],
    functions: () => [running, { ...running, name: 'menu' }],
    routes: () => [route],
  });

  describe('admin port, open endpoints', () => {
    it('answers /healthz without a token', async () => {
      const ask = await start(fakeView());
      assert.deepEqual((await ask('/healthz', {})).body, { status: 'ok' });
    });

    it('answers /readyz with 503 and the reasons as long as it is not ready', async () => {
      const reasons = ['No resources were ever valid.'];
      const ask = await start(fakeView({ readiness: () => ({ ready: false, reasons }) }));
      const answer = await ask('/readyz', {});
      assert.equal(answer.status, 503);
      assert.deepEqual(answer.body, { ready: false, reasons });
      assert.equal((await (await start(fakeView()))('/readyz', {})).status, 200);
    });

    it('answers nothing to a platform that calls on behalf of a resource', async () => {
      const ask = await start(fakeView());
      for (const path of ['/healthz', '/readyz', '/metrics', '/api/info', '/nothing']) {
        const answer = await ask(path, { ...AUTH, 'tenfold-timeout-ms': '1000' });
        assert.equal(answer.status, 403, path);
        assert.match(answer.text, /no \\"url\\" of a resource leads to/);
      }
    });

    it('answers /metrics in the text format of Prometheus', async () => {
      const answer = await (await start(fakeView()))('/metrics', {});
      assert.match(answer.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
      assert.equal(answer.text, 'tenfold_build_info 1\n');
    });

    it('probes by any Host, as kubelet and Prometheus use the address of the pod', async () => {
      assert.equal((await (await start(fakeView()))('/healthz', { host: '10.1.2.3:9090' })).status, 200);
    });

    it('sends security headers and says nothing about what it is made of', async () => {
      const ask = await start(fakeView());
      for (const path of ['/healthz', '/api/info', '/nothing']) {
        const { headers } = await ask(path);
        assert.equal(headers['x-content-type-options'], 'nosniff', path);
        assert.equal(headers['x-frame-options'], 'DENY', path);
        assert.equal(headers['cache-control'], 'no-store', path);
        assert.match(headers['content-security-policy']?.toString() ?? '', /default-src 'none'/, path);
        assert.equal(headers['x-powered-by'], undefined, path);
      }
    });
  });

  describe('admin API, guard', () => {
    const refused = [
      { name: 'without a token', headers: {}, status: 401 },
      { name: 'with a wrong token', headers: { authorization: 'Bearer wrong' }, status: 401 },
      { name: 'with a part of the token', headers: { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, status: 401 },
      { name: 'with more than the token', headers: { authorization: `Bearer ${TOKEN} x` }, status: 401 },
      { name: 'with another scheme', headers: { authorization: `Basic ${TOKEN}` }, status: 401 },
      { name: 'with a Host of somebody else (DNS rebinding)', headers: { ...AUTH, host: 'evil.example' }, status: 403 },
      {
        name: 'with a Host that only begins like ours',
        headers: { ...AUTH, host: 'localhost.evil.example' },
        status: 403,
      },
      { name: 'with a Host that hides another one', headers: { ...AUTH, host: 'localhost@evil.example' }, status: 403 },
      {
        name: 'from a page of another origin',
        headers: { ...AUTH, host: 'localhost', origin: 'http://evil.example' },
        status: 403,
      },
      {
        name: 'from a page of another port',
        headers: { ...AUTH, host: 'localhost:9090', origin: 'http://localhost:3000' },
        status: 403,
      },
      { name: 'from a page without an origin', headers: { ...AUTH, origin: 'null' }, status: 403 },
      { name: 'across sites', headers: { ...AUTH, 'sec-fetch-site': 'cross-site' }, status: 403 },
    ];
    for (const { name, headers, status } of refused) {
      it(`refuses a request ${name} with ${status}`, async () => {
        const answer = await (await start(fakeView()))('/api/info', headers);
        assert.equal(answer.status, status);
        assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
        assert.equal(answer.headers['www-authenticate'] !== undefined, status === 401);
        assert.ok(!answer.text.includes(TOKEN));
      });
    }

    const taken = [
      { name: 'by loopback address', headers: AUTH },
      { name: 'by localhost', headers: { ...AUTH, host: 'localhost:9090' } },
      { name: 'by IPv6 loopback', headers: { ...AUTH, host: '[::1]:9090' } },
      { name: 'by an allowed name', headers: { ...AUTH, host: 'Admin.Example' } },
      {
        name: 'from a page of its own origin',
        headers: { ...AUTH, host: 'localhost:9090', origin: 'http://localhost:9090' },
      },
      { name: 'with the scheme in lower case', headers: { authorization: `bearer ${TOKEN}` } },
    ];
    for (const { name, headers } of taken) {
      it(`lets a request through ${name}`, async () => {
        assert.equal((await (await start(fakeView()))('/api/info', headers)).status, 200);
      });
    }
  });

  describe('admin API, answers', () => {
    it('/api/info tells version, addresses, and how much there is', async () => {
      const { body } = await (await start(rich))<PlatformInfo>('/api/info');
      assert.equal(body.version, '1.2.3');
      assert.equal(body.startedAt, '2026-01-02T03:04:05.000Z');
      assert.equal(body.generation, 3);
      assert.equal(body.addresses.public, 'http://127.0.0.1:8080');
      assert.deepEqual(body.counts, { resources: 3, functions: 2, routes: 1 });
      assert.deepEqual(body.problems, { errors: 0, warnings: 1 });
    });

    it('works before any resource was ever valid', async () => {
      const ask = await start(fakeView({ catalog: { current: undefined, problems: [fakeProblem()] } }));
      assert.equal((await ask<PlatformInfo>('/api/info')).body.generation, undefined);
      assert.deepEqual((await ask('/api/resources')).body, { items: [] });
      assert.equal((await ask<List<ResourceProblem>>('/api/problems')).body.items.length, 1);
    });

    const filters = [
      { query: '', names: ['Function default/orders', 'Function other/orders', 'Api default/shop'] },
      { query: '?kind=Function', names: ['Function default/orders', 'Function other/orders'] },
      { query: '?kind=fn&namespace=other', names: ['Function other/orders'] },
      { query: '?name=shop', names: ['Api default/shop'] },
      { query: '?kind=Topic', names: [] },
    ];
    for (const { query, names } of filters) {
      it(`/api/resources${query} lists ${names.length} resources`, async () => {
        const { body } = await (await start(rich))<List<ResourceSummary>>(`/api/resources${query}`);
        assert.deepEqual(
          body.items.map(item => `${item.kind} ${item.namespace}/${item.name}`),
          names,
        );
      });
    }

    it('one resource comes with its manifest, origin, conditions and problems', async () => {
      const { body } = await (await start(rich))<ResourceDetail>('/api/resources/Api/default/shop');
      assert.deepEqual(body.manifest, fakeResource('Api', 'shop').manifest);
      assert.equal(body.origin.line, 20);
      assert.deepEqual(
        body.conditions.map(each => each.reason),
        ['AcceptedWithWarnings', 'Serving'],
      );
      assert.equal(body.problems.length, 1);
    });

    it('one function comes with its origin and the routes that lead to it', async () => {
      const { body } = await (await start(rich))<FunctionDetail>('/api/functions/default/orders');
      assert.equal(body.state, 'ready');
      assert.equal(body.origin?.file, 'app.yaml');
      assert.deepEqual(
        body.routes.map(each => each.path),
        ['/shop'],
      );
    });

    it('/api/functions, /api/routes and /api/problems are lists', async () => {
      const ask = await start(rich);
      assert.deepEqual(
        (await ask<List<FunctionStatus>>('/api/functions')).body.items.map(each => each.name),
        ['orders', 'menu'],
      );
      assert.deepEqual(
        (await ask<List<FunctionStatus>>('/api/functions?name=menu')).body.items.map(each => each.name),
        ['menu'],
      );
      assert.equal((await ask<List<RouteView>>('/api/routes')).body.items[0]?.path, '/shop');
      assert.equal((await ask<List<ResourceProblem>>('/api/problems')).body.items[0]?.severity, 'warning');
    });

    it('answers HEAD like GET, without a body', async () => {
      const answer = await (await start(rich))('/api/info', AUTH, 'HEAD');
      assert.deepEqual([answer.status, answer.text], [200, '']);
    });
  });

  describe('admin API, wrong requests', () => {
    const wrong = [
      { name: 'an unknown path', path: '/nothing', status: 404, detail: /nothing at \/nothing/ },
      { name: 'an unknown path of the API', path: '/api/nothing', status: 404, detail: /nothing at \/api\/nothing/ },
      {
        name: 'an unknown resource',
        path: '/api/resources/Function/default/nope',
        status: 404,
        detail: /no Function "nope" in namespace "default"/,
      },
      { name: 'an unknown function', path: '/api/functions/default/nope', status: 404, detail: /no function "nope"/ },
      {
        name: 'an unknown kind',
        path: '/api/resources?kind=Functoin',
        status: 400,
        detail: /Did you mean "function"\?/,
      },
      {
        name: 'an unknown parameter',
        path: '/api/resources?kin=Function',
        status: 400,
        detail: /"kin" is not known here\. Did you mean "kind"\?/,
      },
      {
        name: 'a parameter where none is',
        path: '/api/info?kind=Api',
        status: 400,
        detail: /"kind" is not known here/,
      },
      {
        name: 'a repeated parameter',
        path: '/api/resources?kind=Api&kind=Topic',
        status: 400,
        detail: /exactly one value/,
      },
      { name: 'empty parameter', path: '/api/resources?kind=', status: 400, detail: /exactly one value/ },
      { name: 'a parameter of the prototype', path: '/api/resources?__proto__=x', status: 400, detail: /not known/ },
      {
        name: 'a path that does not decode',
        path: '/api/functions/default/%E0%A4',
        status: 400,
        detail: /percent-encoded/,
      },
      { name: 'a method that is not allowed', path: '/api/info', method: 'POST', status: 405, detail: /only be read/ },
      {
        name: 'a method that is not allowed for a probe',
        path: '/healthz',
        method: 'DELETE',
        status: 405,
        detail: /only be read/,
      },
    ];
    for (const { name, path, method, status, detail } of wrong) {
      it(`answers ${name} with ${status} and a problem document`, async () => {
        const answer = await (await start(rich))(path, AUTH, method);
        assert.equal(answer.status, status);
        assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
        assert.equal(answer.body.status, status);
        assert.match(answer.body.detail ?? '', detail);
        if (status === 405) assert.equal(answer.headers.allow, 'GET, HEAD');
      });
    }

    it('shows nothing of an error of its own, and reports it', async () => {
      const seen: unknown[] = [];
      const failure = new Error('secret detail');
      const ask = await start(fakeView({ metrics: () => Promise.reject(failure) }), error => seen.push(error));
      const answer = await ask('/metrics');
      assert.equal(answer.status, 500);
      assert.ok(!answer.text.includes('secret'));
      assert.deepEqual(seen, [failure]);
    });
  });
});
