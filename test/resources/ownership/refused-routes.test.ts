// What of another namespace's an Api or a Strangler must not reach for, whatever is already there,
// and what both sides are told.
import assert from 'node:assert/strict';
import { type Declared, settle } from '../../../k8s/catalog/settle.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { decideStatus } from '../../../k8s/operator/status/decide.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { type Assignment, parseAssignment } from '../../../resources/ownership/assignments.ts';
import { claimStatusOf, readClaimStatus, writeClaimStatus } from '../../../resources/ownership/claim-status.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { resourceKey } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';

interface Times {
  readonly createdAt: number;
  readonly since?: number;
}

function declare(kind: Kind, namespace: string, name: string, spec: object, times: Times): Declared {
  const parsed = toResource(kind, { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec });
  assert.ok('resource' in parsed, JSON.stringify(parsed));
  const { createdAt, since } = times;
  const claimStatus = since === undefined ? [] : claimStatusOf(parsed.resource, [], since);
  const key = resourceKey(kind, namespace, name);
  return { key, createdAt, resource: parsed.resource, problems: [], claimStatus };
}

const to = { url: 'http://target.example' };
const routes = (...matches: (string | object)[]) => ({
  routes: matches.map(match => ({ match: typeof match === 'string' ? { path: match } : match, to })),
});
const legacy = { url: 'http://old.example' };
const green = (spec: object, kind: Kind = 'Api') => declare(kind, 'green', 'shop', spec, { createdAt: 1 });
const blue = (spec: object, kind: Kind = 'Api') => declare(kind, 'blue', 'steal', spec, { createdAt: 2 });
const assigned = (...texts: string[]): Assignment[] => texts.flatMap(text => parseAssignment(text) ?? []);
const namesIn = (declared: readonly Declared[], assignments: readonly Assignment[] = []) =>
  [...settle(declared, new Map(), undefined, assignments).resources.keys()].toSorted();

const BLUE = 'Api/blue/steal';
const GREEN = 'Api/green/shop';

describe('a route that reaches for what another namespace declared', () => {
  const below = routes('/green/*');
  const rows: readonly [name: string, owner: object, intruder: object, intruderKind?: Kind][] = [
    ['a path below a wildcard', below, routes({ path: '/green/login', method: 'POST' })],
    [
      'another method of a path',
      routes({ path: '/orders', method: 'POST' }),
      routes({ path: '/orders', method: 'DELETE' }),
    ],
    ['a path below a path', routes('/orders'), routes('/orders/export')],
    ['a path below a base path', { basePath: '/green', ...routes('/a') }, routes('/green/login')],
    ['everything', below, routes('/*')],
    ['a parameter that takes it, too', below, routes('/:team/login')],
    ['a header that makes it more specific', below, routes({ path: '/green/x', headers: { a: '1' } })],
    ['a named host in front of any host', below, { hosts: ['shop.example'], ...routes('/green/login') }],
    ['everything on a named host', below, { hosts: ['shop.example'], ...routes('/*') }],
    ['a host below *.', { hosts: ['*.example'], ...below }, { hosts: ['shop.example'], ...routes('/green/x') }],
    ['*. around a host', { hosts: ['shop.example'], ...below }, { hosts: ['*.example'], ...routes('/green/x') }],
    ['a host of a route', below, routes({ path: '/green/x', hosts: ['shop.example'] })],
    ['other letter case', below, routes('/Green/login')],
    ['an encoded letter', below, routes('/gr%65en/login')],
    ['an encoded slash', below, routes('/green%2Flogin')],
    ['a parameter behind a semicolon', below, routes('/green;a=1/login')],
    ['wide letters', below, routes('/%EF%BD%87reen/login')],
    ['a slash at the end', routes('/green'), routes('/green/')],
    ['GraphQL', below, { graphql: { schema: './a.graphql', path: '/green/graphql', resolvers: {} } }],
    ['a path below GraphQL', { graphql: { schema: './a.graphql', resolvers: {} } }, routes('/graphql/x')],
    ['an OpenAPI document', below, { openapi: { path: '/green/openapi.json' }, ...routes('/blue') }],
    ['a path that is one of OpenAPI', { openapi: {}, ...routes('/a') }, routes('/openapi.json')],
    ['a WebSocket', below, { routes: [{ match: { path: '/green/live' }, to, upgrade: ['websocket'] }] }],
    ['a version in the path', routes('/v1/orders'), { version: { name: 'v1', by: 'path' }, ...routes('/orders') }],
    ['a version in a header', routes('/orders'), { version: { name: 'v2', by: 'header' }, ...routes('/orders') }],
    [
      'what falls through',
      { fallThrough: true, ...routes({ path: '/a', method: 'GET' }) },
      routes({ path: '/a', method: 'POST' }),
    ],
    ['a Strangler', below, { legacy }, 'Strangler'],
    ['a Strangler below it', below, { basePath: '/green/old', legacy }, 'Strangler'],
  ];
  for (const [name, owner, intruder, kind] of rows) {
    it(`is refused: ${name}`, () => {
      const other = { ...blue(intruder, kind) };
      const keys = namesIn([other, green(owner)]);
      assert.deepEqual(keys, [GREEN]);
      // Whoever is older, the other one is.
      assert.deepEqual(namesIn([{ ...other, createdAt: 0 }, green(owner)]), [other.key]);
      assert.deepEqual(namesIn([other, green({ ...owner, allowRoutesFrom: ['red'] })]), [GREEN]);
      const granted = namesIn([other, green({ ...owner, allowRoutesFrom: ['blue'] })]);
      assert.ok(granted.includes(GREEN));
    });
  }

  const near: readonly [name: string, owner: object, intruder: object][] = [
    ['another first part', routes('/green/*'), routes('/blue/*')],
    ['a name that begins like it', routes('/green'), routes('/greenhouse')],
    ['the root alone', routes('/'), routes('/blue')],
    ['another host', { hosts: ['a.example'], ...routes('/*') }, { hosts: ['b.example'], ...routes('/*') }],
    [
      'a host two labels below *.',
      { hosts: ['*.example'], ...routes('/*') },
      { hosts: ['a.b.example'], ...routes('/*') },
    ],
    ['beside it below one part', routes('/api/orders'), routes('/api/users')],
  ];
  for (const [name, owner, other] of near) {
    it(`is none: ${name}`, () => assert.deepEqual(namesIn([blue(other), green(owner)]), [BLUE, GREEN]));
  }

  it('may be of an owner that let the other one in before', () => {
    const owner = green({ allowRoutesFrom: ['blue'], ...routes('/green/*') });
    const more = declare('Api', 'green', 'more', routes('/green/login/deep'), { createdAt: 3 });
    assert.deepEqual(namesIn([owner, blue(routes('/green/login')), more]), [BLUE, 'Api/green/more', GREEN]);
  });

  it('loses what is in use to no older resource that begins to claim it', () => {
    const old = declare('Api', 'green', 'shop', routes('/green/*', '/blue/*'), { createdAt: 1 });
    const before = declare('Api', 'green', 'shop', routes('/green/*'), { createdAt: 1, since: 1 });
    const inUse = declare('Api', 'blue', 'steal', routes('/blue/*'), { createdAt: 2, since: 2 });
    const kept = { lastValid: before.resource, claimStatus: before.claimStatus };
    const { resources } = settle([{ ...old, ...kept }, inUse], new Map());
    assert.equal(resources.get(GREEN), before.resource);
    assert.ok(resources.has(BLUE));
  });

  it('gives an older resource that was let in nothing to keep when it is let in no longer', () => {
    const guest = declare('Api', 'blue', 'steal', routes('/green/login'), { createdAt: 1, since: 3 });
    const owner = (spec: object) =>
      declare('Api', 'green', 'shop', { ...spec, ...routes('/green/*') }, { createdAt: 2, since: 2 });
    assert.deepEqual(namesIn([guest, owner({ allowRoutesFrom: ['blue'] })]), [BLUE, GREEN]);
    assert.deepEqual(namesIn([guest, owner({})]), [GREEN]);
  });

  it('tells who reads it nothing of whose it is, and the owner who it was', () => {
    const { problems } = settle([blue(routes('/green/login')), green(routes('/green/*'))], new Map());
    const [refused] = problems.get(BLUE) ?? [];
    assert.equal(refused?.reason, 'RouteNotAllowed');
    assert.doesNotMatch(JSON.stringify(problems.get(BLUE)), /green\/\*|shop|namespace "green"/);
    const [contested] = problems.get(GREEN) ?? [];
    assert.equal(contested?.reason, 'RouteContested');
    assert.match(contested?.message ?? '', /The namespace "blue" declared a route at \/green\/login/);
    const gathered = { waitsFor: [], workload: undefined };
    const [loser, winner] = [problems.get(BLUE) ?? [], problems.get(GREEN) ?? []];
    const { accepted, ready } = decideStatus({ ...gathered, inForce: undefined, problems: loser });
    assert.deepEqual([accepted.is, accepted.reason, ready.reason], [false, 'RouteNotAllowed', 'NotAccepted']);
    const own = decideStatus({ ...gathered, inForce: undefined, problems: winner });
    assert.deepEqual([own.accepted.is, own.accepted.reason, own.ready.is], [true, 'RouteContested', true]);
  });

  it('costs few owners a word where it reaches for everything', () => {
    const owners = Array.from({ length: 50 }, (_, index) =>
      declare('Api', 'green', `a${index}`, routes(`/a${index}`), { createdAt: 1 }),
    );
    const { problems, resources } = settle([...owners, blue(routes('/*'))], new Map());
    assert.equal(resources.size, 50);
    assert.equal(owners.filter(({ key }) => problems.has(key)).length, 20);
    assert.equal(problems.get(BLUE)?.length, 1);
  });

  it('is told to both where files say it, with the place of the other', () => {
    const declared = [blue(routes('/green/login')), green(routes('/green/*'))];
    const set = createResourceSet(declared.flatMap(({ resource }) => resource ?? []));
    const found = checkReferences(set);
    assert.deepEqual(
      found.map(({ file, severity, reason }) => [file, severity, reason]),
      [
        ['blue/Api/steal', 'error', 'RouteNotAllowed'],
        ['green/Api/shop', 'error', 'RouteNotAllowed'],
      ],
    );
    assert.match(found[0]?.message ?? '', /spec.routes\[0\].match.path of the Api "shop" of the namespace "green"/);
    assert.match(found[0]?.message ?? '', /name "blue" in allowRoutesFrom there/);
  });
});

describe('since when a resource has its routes', () => {
  const times = { toText: (ms: number) => `at ${ms}`, toMs: (text: string) => Number(text.slice(3)) };
  const resourceOf = (spec: object) => {
    const { resource } = declare('Api', 'green', 'shop', spec, { createdAt: 1 });
    assert.ok(resource);
    return resource;
  };
  const written = (spec: object, before: ReturnType<typeof claimStatusOf>, now: number) =>
    writeClaimStatus(claimStatusOf(resourceOf(spec), before, now), times.toText, 10_000);

  it('is kept as long as it has them, whatever else it gets, and read as it was written', () => {
    const first = written(routes('/a/*', '/b/:id'), [], 1);
    assert.deepEqual(first, [
      { route: '/a/*', since: 'at 1' },
      { route: '/b/:/*', since: 'at 1' },
    ]);
    const second = written(
      { hosts: ['x.example'], ...routes('/a/c', '/d%2Fe', '/') },
      readClaimStatus(first, times.toMs),
      2,
    );
    assert.deepEqual(second, [
      { route: 'x.example/a/c/*', since: 'at 1' },
      { route: 'x.example/d%2Fe/*', since: 'at 2' },
      { route: 'x.example/d/e/*', since: 'at 2' },
      { route: 'x.example/', since: 'at 2' },
    ]);
    const again = written(
      { hosts: ['x.example'], ...routes('/a/c', '/d%2Fe', '/') },
      readClaimStatus(second, times.toMs),
      3,
    );
    assert.deepEqual(again, second);
  });

  it('begins anew for what it gave up', () => {
    const before = readClaimStatus(written(routes('/a'), [], 1), times.toMs);
    const without = readClaimStatus(written(routes('/b'), before, 2), times.toMs);
    assert.deepEqual(written(routes('/a'), without, 3), [{ route: '/a/*', since: 'at 3' }]);
  });

  it('is that of the narrower one where a wider one came later', () => {
    const before = readClaimStatus(written(routes('/a/b'), [], 1), times.toMs);
    assert.deepEqual(written(routes('/a/b', '/*'), before, 2), [
      { route: '/a/b/*', since: 'at 1' },
      { route: '/*', since: 'at 2' },
    ]);
  });
});

describe('what an installation assigns', () => {
  it('goes before whoever was first', () => {
    const declared = [green(routes('/shop/*')), blue(routes('/shop/pay'))];
    assert.deepEqual(namesIn(declared), [GREEN]);
    assert.deepEqual(namesIn(declared, assigned('/shop=blue')), [BLUE]);
    assert.deepEqual(namesIn(declared, assigned('/=red')), []);
  });

  it('leaves a wider route of whoever has the rest', () => {
    const declared = [green(routes('/shop/*')), blue(routes('/shop/pay'))];
    assert.deepEqual(namesIn(declared, assigned('/shop=green', '/shop/pay=blue')), [BLUE, GREEN]);
  });

  it('is shared where its owner lets others in', () => {
    const owner = green({ allowRoutesFrom: ['blue'], ...routes('/shop/*') });
    assert.deepEqual(namesIn([owner, blue(routes('/shop/pay'))], assigned('/shop=green')), [BLUE, GREEN]);
  });

  it('is a host, a path or both', () => {
    for (const text of ['shop.example=shop', '*.example=shop', '/shop=shop', 'shop.example/a/b=shop', '/=shop'])
      assert.ok(parseAssignment(text), text);
    for (const text of ['shop', '=shop', 'Shop.example=shop', '/a/*=shop', '/:id=shop', '/a=Shop', '/a=', '*=shop'])
      assert.equal(parseAssignment(text), undefined, text);
  });
});
