// Every endpoint of the admin API, for every role and namespace: it answers exactly to those whose
// role suffices there, and tells nobody of other namespaces.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { callerRoles, createCaller, type Grant, verbs } from '../../../admin/access/caller.ts';
import { admit, type Place } from '../../../admin/access/scope.ts';
import { apiRoutes } from '../../../admin/internal/api-routes.ts';
import type { AdminRoute } from '../../../admin/routing/route.ts';
import { fakeProblem, fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { AUTH, adminPorts } from '../running-admin.ts';
import { twoTeams } from './two-teams.ts';

const NAMESPACES = ['green', 'blue'] as const;

/** A request that comes as far as the check of rights, about a namespace. */
function requestOf({ method, path, where, query }: AdminRoute, namespace: string) {
  const named = path.replace(':namespace', namespace).replace(':kind', 'Subscription').replaceAll(/:\w+/g, '0-1');
  const search = where === 'query' || query.includes('namespace') ? `?namespace=${namespace}` : '';
  return { method, path: `/api${named}${search}`, body: { ...BODIES[path], namespace } };
}

const BODIES: Readonly<Record<string, object>> = {
  '/dead-letters/commands': { action: 'redrive', kind: 'Subscription', name: 'x', ids: ['0-1'] },
  '/parked/commands': { action: 'retry', kind: 'Subscription', name: 'x', ids: ['0-1'] },
  '/operations': { action: 'redrive', kind: 'Subscription', name: 'x', ids: ['0-1'] },
  '/operations/:namespace/:id/start': { token: 'x' },
  '/schedules/:kind/:namespace/:name/:schedule/plan': { action: 'run' },
  '/sql': { sql: 'SELECT 1' },
};

/** Callers by tokens such as `viewer green`, which name what they may. */
const byWords: Authenticator = {
  takes: 'words',
  identify({ token }) {
    const [role, namespace] = (token ?? '').split('.');
    const known = callerRoles.find(each => each === role);
    return known && createCaller(token ?? '', [{ role: known, ...(namespace && { namespaces: [namespace] }) }]);
  },
};

describe('rights at the admin API', () => {
  const start = adminPorts();
  const as = (role: string, namespace: string) => ({ authorization: `Bearer ${role}${namespace && `.${namespace}`}` });

  const needed = (route: AdminRoute) => verbs.indexOf(route.verb ?? 'operate');
  const isOpenTo = (route: AdminRoute, role: number, home: string, asked: string) => {
    if (route.where === 'anyone') return true;
    if (role < needed(route)) return false;
    if (home === '') return true;
    if (route.where === 'platform') return false;
    return route.where === 'each' || home === asked;
  };

  for (const route of apiRoutes) {
    it(`hold for ${route.method} ${route.path}`, async () => {
      const ask = await start(twoTeams(), undefined, [byWords]);
      for (const [role, name] of callerRoles.entries())
        for (const home of ['', ...NAMESPACES])
          for (const asked of NAMESPACES) {
            const { method, path, body } = requestOf(route, asked);
            const answer = await ask(path, as(name, home), method, route.body && bodyOf(route, body));
            const expected = isOpenTo(route, role, home, asked);
            assert.equal(answer.status !== 403, expected, `${name} of ${home || 'all'} in ${asked}: ${answer.text}`);
            assert.notEqual(answer.status, 401);
            const foreign = NAMESPACES.find(each => each !== home);
            if (home !== '' && answer.status !== 403)
              assert.ok(!answer.text.includes(`secret of ${foreign}`), answer.text);
          }
    });
  }

  it('are asked for by every endpoint below /api', async () => {
    const ask = await start(twoTeams(), undefined, [byWords]);
    for (const route of apiRoutes) {
      const { method, path } = requestOf(route, 'green');
      assert.equal((await ask(path, {}, method)).status, 401, path);
      assert.equal((await ask(path, { authorization: 'Bearer nobody' }, method)).status, 401, path);
    }
  });

  it('show lists without what is in other namespaces, and all of it to those who may see all', async () => {
    const ask = await start(twoTeams(), undefined, [byWords]);
    const lists = apiRoutes.filter(
      ({ method, where, path }) => method === 'GET' && where !== 'path' && !path.includes(':'),
    );
    let shown = 0;
    for (const { path, where } of lists) {
      const all = (await ask(`/api${path}`)).text;
      const green = (await ask(`/api${path}`, as('admin', 'green'))).text;
      assert.ok(!green.includes('secret of blue'), `${path}: ${green}`);
      if (where === 'platform' || !all.includes('secret of blue')) continue;
      assert.ok(green.includes('secret of green'), `${path}: ${green}`);
      shown++;
    }
    assert.ok(shown >= 14, `${shown} lists`);
  });

  it('show no problem that may be of another namespace, where one file has resources of both', async () => {
    const resources = NAMESPACES.map(namespace => fakeResource('Topic', 'orders', { namespace }));
    const ask = await start(fakeView({ resources, problems: [fakeProblem({ message: 'secret' })] }), undefined, [
      byWords,
    ]);
    for (const path of ['/resources', '/resources/Topic/green/orders', '/diagnosis', '/problems']) {
      assert.ok((await ask(`/api${path}`)).text.includes('secret'), path);
      const { status, text } = await ask(`/api${path}`, as('viewer', 'green'));
      assert.deepEqual([status, text.includes('secret')], [200, false], `${path}: ${text}`);
    }
  });

  it('are declared with every endpoint: no other file leads to one', () => {
    const files = globSync('admin/**/*.ts').filter(file => /from 'express'/.test(readFileSync(file, 'utf8')));
    const served = files.filter(file => /\b(Router|express)\b[^;]* from 'express'/.test(readFileSync(file, 'utf8')));
    assert.deepEqual(served.sort(), [
      'admin/admin-server.ts',
      'admin/console/serve-console.ts',
      'admin/docs/serve-docs.ts',
      'admin/mcp/serve-mcp.ts',
      'admin/routing/serve-routes.ts',
    ]);
    // MCP asks the endpoints over the network, as whoever called it.
    assert.match(readFileSync('admin/mcp/serve-mcp.ts', 'utf8'), /api: loopbackCalls\(request, version\)/);
    for (const pages of ['admin/console/serve-console.ts', 'admin/docs/serve-docs.ts'])
      assert.doesNotMatch(readFileSync(pages, 'utf8'), /\/api/);
    const server = readFileSync('admin/admin-server.ts', 'utf8');
    assert.equal(server.match(/'\/api/g)?.length, 1, 'one way leads below /api');
  });

  it('are named by a refusal', async () => {
    const ask = await start(twoTeams(), undefined, [byWords]);
    const pause = '/api/consumers/Subscription/blue/wall/pause';
    const { status, body } = await ask(pause, as('viewer', 'green'), 'POST');
    assert.equal(status, 403);
    assert.deepEqual(body['needs'], { verb: 'operate', role: 'operator', namespace: 'blue' });
    assert.match(body.detail ?? '', /"viewer\.green" may not operate in namespace "blue".* role operator/);
    const purge = { action: 'purge', kind: 'Subscription', namespace: 'green', name: 'wall', ids: ['0-1'] };
    const refused = await ask('/api/dead-letters/commands', as('operator', 'green'), 'POST', purge);
    assert.deepEqual(refused.body['needs'], { verb: 'administer', role: 'admin', namespace: 'green' });
  });

  it('are more for other data than for what was published', async () => {
    const ask = await start(twoTeams(), undefined, [byWords]);
    const path = '/api/topics/green/orders/events/0-1/resend';
    const edited = await ask(path, as('operator', 'green'), 'POST', { edit: { text: '{}' } });
    assert.deepEqual(edited.body['needs'], { verb: 'administer', role: 'admin', namespace: 'green' });
    assert.notEqual((await ask(path, as('operator', 'green'), 'POST', {})).status, 403);
    assert.notEqual((await ask(path, as('admin', 'green'), 'POST', { edit: { text: '{}' } })).status, 403);
  });

  it('are told to who has none anywhere', async () => {
    const ask = await start(twoTeams(), undefined, [byWords]);
    const { status, body } = await ask('/api/consumers', as('admin', 'red'));
    assert.equal(status, 403);
    assert.match(body.detail ?? '', /may not view in any namespace/);
    assert.equal((await ask('/api/consumers', AUTH)).status, 200);
  });

  it('are those of the grants, whatever they are (property)', async () => {
    const namespace = fc.constantFrom('green', 'blue', 'red');
    const grant: fc.Arbitrary<Grant> = fc.record(
      { role: fc.constantFrom(...callerRoles), namespaces: fc.array(namespace, { minLength: 1, maxLength: 2 }) },
      { requiredKeys: ['role'] },
    );
    const place: fc.Arbitrary<Exclude<Place, 'anyone'>> = fc.oneof(
      fc.record({ namespace }),
      fc.constantFrom('each' as const, 'platform' as const),
    );
    const view = fakeView({
      resources: ['green', 'blue'].map(each => fakeResource('Topic', each, { namespace: each })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(grant, { maxLength: 3 }),
        fc.constantFrom(...verbs),
        place,
        async (grants, verb, where) => {
          const holds = (name?: string) =>
            grants.some(
              ({ role, namespaces }) =>
                callerRoles.indexOf(role) >= verbs.indexOf(verb) &&
                (namespaces === undefined || (name !== undefined && namespaces.includes(name))),
            );
          const expected =
            holds() ||
            (where === 'each' ? holds('green') || holds('blue') : where !== 'platform' && holds(where.namespace));
          const scope = await admit(createCaller('x', grants), verb, where, view).catch(() => undefined);
          assert.equal(scope !== undefined, expected);
          if (where !== 'each' || !scope) return;
          for (const name of ['green', 'blue']) assert.equal(scope.has(name), holds() || holds(name));
        },
      ),
    );
  });
});

/** What a body of that route may have. */
function bodyOf(route: AdminRoute, body: object): object {
  if (route.body?.schema.safeParse(body).success) return body;
  const { namespace: _, ...rest } = body as { namespace: string };
  return { ...rest, ...OTHER_BODIES[route.path] };
}

const OTHER_BODIES: Readonly<Record<string, object>> = {
  '/backup': { to: '/backups' },
  '/views/:namespace/:name/query': { query: [] },
  '/apis/:namespace/:name/request': { method: 'GET' },
  '/functions/:namespace/:name/invoke': { method: 'GET' },
  '/routes/explain': { method: 'GET', path: '/' },
  '/consumers/Subscription/:namespace/:name/replays': { from: 'earliest' },
  '/stranglers/:namespace/:name/features/:feature/phase': { phase: 'legacy' },
};
