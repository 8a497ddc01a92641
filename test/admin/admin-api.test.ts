// The admin API over real HTTP: what each endpoint answers to whom it knows, and
// to requests that are wrong.
import assert from 'node:assert/strict';
import type {
  BriefResource,
  FunctionDetail,
  List,
  PlatformInfo,
  ResourceDetail,
  ResourceSummary,
} from '../../admin/api.ts';
import type { RouteView } from '../../admin/route-view.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { shownCondition } from '../../resources/shown-condition.ts';
import { fakeProblem, fakeResource, fakeView } from '../fakes/platform-view.ts';
import { failing } from './diagnosis/faults.ts';
import { AUTH, adminPorts } from './running-admin.ts';

describe('admin API', () => {
  const start = adminPorts();

  const route = {
    kind: 'Api',
    namespace: 'default',
    name: 'shop',
    methods: ['GET'],
    host: undefined,
    path: '/shop',
    conditions: [],
    target: 'function orders',
    listeners: ['public'],
  };
  const running = {
    name: 'orders',
    namespace: 'default',
    state: 'available',
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
    calls: () => [{ ...failing, name: 'orders' }],
  });

  describe('answers', () => {
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

    it('says in brief the one condition that tells how a resource does, and no place', async () => {
      const ask = await start(rich);
      const [whole] = (await ask<List<ResourceSummary>>('/api/resources?name=shop')).body.items;
      const [brief] = (await ask<List<BriefResource>>('/api/resources?name=shop&brief=true')).body.items;
      assert.ok(whole && whole.conditions.length > 1);
      const { origin: _origin, ...rest } = whole;
      assert.deepEqual(brief, { ...rest, conditions: [shownCondition(whole.conditions)] });
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
        ['Valid', 'InForce', 'AsExpected'],
      );
      assert.equal(body.problems.length, 1);
    });

    it('one function comes with its origin and the routes that lead to it', async () => {
      const { body } = await (await start(rich))<FunctionDetail>('/api/functions/default/orders');
      assert.equal(body.state, 'available');
      assert.equal(body.origin?.file, 'app.yaml');
      assert.deepEqual(
        body.routes.map(each => each.path),
        ['/shop'],
      );
      assert.deepEqual(body.ended, failing.ended);
      assert.equal((await (await start(rich))<FunctionDetail>('/api/functions/default/menu')).body.ended, undefined);
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

  describe('wrong requests', () => {
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
      { name: 'a word for yes or no', path: '/api/resources?brief=yes', status: 400, detail: /true or false/ },
      { name: 'empty parameter', path: '/api/resources?kind=', status: 400, detail: /exactly one value/ },
      { name: 'a parameter of the prototype', path: '/api/resources?__proto__=x', status: 400, detail: /not known/ },
      {
        name: 'a path that does not decode',
        path: '/api/functions/default/%E0%A4',
        status: 400,
        detail: /not UTF-8/,
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
  });
});
