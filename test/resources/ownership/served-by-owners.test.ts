// Whose traffic is whose in a cluster: for random resources of several teams, no request is ever answered by a namespace that does not own it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../gateway/plan/compile.ts';
import type { Plan } from '../../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { type Declared, settle } from '../../../k8s/catalog/settle.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { type Assignment, parseAssignment } from '../../../resources/ownership/assignments.ts';
import { claimStatusOf } from '../../../resources/ownership/claim-status.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { headOf } from '../../gateway/plan/head-of.ts';

const TEAMS = ['blue', 'green', 'red'];
const team = fc.constantFrom(...TEAMS);
const hosts = fc.constantFrom<(readonly string[])[]>([], [], [], ['a.example'], ['*.example'], ['a.example', 'b.test']);
const path = fc.constantFrom(
  ...['', '/', '/*', '/:x', '/:x/*', '/green', '/green/*', '/green/login', '/green/:id', '/Green/LOGIN', '/gr%65en'],
  ...['/green%2Flogin', '/green;v=1', '/;x/green/login', '/shop', '/shop/', '/shop/pay/*', '/:x/login'],
);
const base = fc.constantFrom('/', '/', '/', '/green', '/shop', '/GREEN', '/shop/pay');

const sketch = fc.record({
  kind: fc.constantFrom('Api', 'Api', 'Api', 'Strangler'),
  namespace: team,
  createdAt: fc.integer({ min: 1, max: 4 }),
  /** Since when it has been in force; 0: it is new. */
  since: fc.nat({ max: 3 }),
  hosts,
  base,
  version: fc.constantFrom(undefined, undefined, 'path', 'header'),
  routes: fc.array(fc.record({ path, method: fc.constantFrom(undefined, 'GET', 'POST'), hosts }), {
    minLength: 1,
    maxLength: 2,
  }),
  allow: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(TEAMS) }),
  fallThrough: fc.boolean(),
  openapi: fc.boolean(),
});
type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

const assignments = fc
  .subarray(['/green=green', 'a.example=blue', '/shop=red', '/shop/pay=green', '*.example/green=blue', '/=red'])
  .map(texts => texts.flatMap(text => parseAssignment(text) ?? []));

function declare({ kind, namespace, ...rest }: Sketch, index: number): Declared[] {
  const name = `r${index}`;
  const key = resourceKey(kind, namespace, name);
  const parsed = toResource(kind === 'Api' ? 'Api' : 'Strangler', {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, namespace },
    spec: kind === 'Api' ? apiSpec(rest) : stranglerSpec(rest),
  });
  const resource = 'resource' in parsed ? parsed.resource : undefined;
  assert.ok(resource, JSON.stringify(parsed));
  const claimStatus = rest.since === 0 ? [] : claimStatusOf(resource, [], rest.since);
  return [{ key, resource, problems: [], createdAt: rest.createdAt, claimStatus }];
}

const some = (list: readonly string[]) => (list.length === 0 ? {} : { hosts: list });

function apiSpec(from: Omit<Sketch, 'kind' | 'namespace'>) {
  return {
    ...some(from.hosts),
    basePath: from.base,
    allowRoutesFrom: from.allow,
    fallThrough: from.fallThrough,
    ...(from.version === undefined ? {} : { version: { name: 'v1', by: from.version, default: true } }),
    ...(from.openapi ? { openapi: { public: true } } : {}),
    routes: from.routes.map(each => ({
      match: { path: each.path, ...some(each.hosts), ...(each.method === undefined ? {} : { method: each.method }) },
      to: { url: 'http://target.example' },
    })),
  };
}

function stranglerSpec(from: Omit<Sketch, 'kind' | 'namespace'>) {
  return {
    ...some(from.hosts),
    basePath: from.base,
    allowRoutesFrom: from.allow,
    legacy: { url: 'http://old.example' },
    features: from.routes.map(({ path: match }, index) => ({
      name: `f${index}`,
      match: { path: match },
      to: { url: 'http://new.example' },
    })),
  };
}

const paths = [
  ...['/', '/green', '/green/', '/green/login', '/green/login/deep', '/Green/LOGIN', '/green%2Flogin', '/green;v=1'],
  ...['/;x/green/login', '/shop', '/shop/', '/shop/pay', '/shop/pay/card', '/other', '/v1/green', '/v1/shop/pay/x'],
  ...['/green/openapi.json', '/openapi.json', '/x/login', '/green/5', '/GREEN/x'],
];
const requests = ['a.example', 'b.example', 'b.test', 'other'].flatMap(host =>
  ['GET', 'POST', 'DELETE'].flatMap(method => paths.map(each => headOf(method, each, host))),
);

function planOf(resources: ReadonlyMap<string, AnyResource>, assigned: readonly Assignment[]): Plan {
  const environment = { ...createFakeEnvironment(), assignments: assigned };
  const set = createResourceSet([...resources.values()]);
  return compilePlan(set, environment, createPlanStateStore().begin()).plan;
}

/** Written apart from what it judges: texts of hosts and paths, compared as a person would. */
const fold = (text: string) =>
  decodeURIComponent(text)
    .toLowerCase()
    .split('/')
    .map(part => part.split(';')[0] ?? '');
const within = (prefix: string, asked: string) => {
  const wanted = fold(prefix.replace(/\/\*$/, '')).slice(1);
  return [fold(asked).slice(1), fold(asked).filter(part => part !== '')].some(parts =>
    wanted.every((part, index) => part === parts[index] || (part.startsWith(':') && (parts[index] ?? '') !== '')),
  );
};
const onHost = (host: string, asked: string) =>
  host === '*' || host === asked || (host.startsWith('*.') && asked.slice(asked.indexOf('.')) === host.slice(1));

/** Hosts and paths that a resource declares, as written. */
function declaredBy({ kind, spec }: AnyResource): (readonly [host: string, path: string])[] {
  if (kind !== 'Api' && kind !== 'Strangler') return [];
  const below = spec.basePath === '/' ? '' : spec.basePath;
  const own = spec.hosts ?? ['*'];
  if (!('routes' in spec)) return own.map(host => [host, `${below}/*`] as const);
  const prefixes = spec.version?.by === 'path' ? ['/v1', ''] : [''];
  const places = [
    ...spec.routes.map(({ match }) => [match.hosts ?? own, match.path] as const),
    ...(spec.openapi ? [[own, spec.openapi.path] as const] : []),
  ];
  return places.flatMap(([each, match]) =>
    each.flatMap(host =>
      prefixes.flatMap(prefix => [
        [host, `${prefix}${below}${match}`] as const,
        ...(below === '' ? [] : [[host, `${prefix}${below}/*`] as const]),
      ]),
    ),
  );
}

function claims(resource: AnyResource, host: string, asked: string): boolean {
  return declaredBy(resource).some(([onHosts, prefix]) => {
    if (!onHost(onHosts, host)) return false;
    return prefix === '/' || prefix === '' ? asked === '/' : within(prefix, asked);
  });
}

function assignedTo(assigned: readonly Assignment[], host: string, asked: string): string | undefined {
  const rank = (pattern: string) => (pattern === '*' ? 2 : pattern.startsWith('*.') ? 1 : 0);
  const there = assigned
    .filter(
      ({ territory }) =>
        onHost(territory.host, host) && within([...territory.segments.map(part => `/${part}`), '/*'].join(''), asked),
    )
    .toSorted(
      (a, b) =>
        rank(a.territory.host) - rank(b.territory.host) || b.territory.segments.length - a.territory.segments.length,
    );
  return there[0]?.namespace;
}

describe('The public port of a cluster that teams share', () => {
  const seen = { answered: 0, refused: 0, contested: 0, granted: 0, assigned: 0 };

  it('answers no request by a namespace that does not own it, in whatever order resources come', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 5 }),
        assignments,
        fc.nat(),
        (sketches, assigned, turn) => {
          const declared = sketches.flatMap(declare);
          const { resources, problems } = settle(declared, new Map(), undefined, assigned);
          const turned = [...declared.slice(turn % declared.length), ...declared.slice(0, turn % declared.length)];
          const again = settle(turned.toReversed(), new Map(), undefined, assigned);
          assert.deepEqual([...again.resources.keys()].toSorted(), [...resources.keys()].toSorted());

          const plan = planOf(resources, assigned);
          for (const head of requests) {
            const route = plan.find(head)?.route;
            if (!route) continue;
            const here = [...resources.values()].filter(resource => claims(resource, head.host, head.path));
            const whose = assignedTo(assigned, head.host, head.path);
            const grants = (owner: string) =>
              here.some(
                ({ metadata, spec }) =>
                  metadata.namespace === owner &&
                  'allowRoutesFrom' in spec &&
                  spec.allowRoutesFrom.includes(route.namespace),
              );
            const what = `${head.method} ${head.host}${head.path} by ${route.kind} ${route.namespace}/${route.name}`;
            seen.answered++;
            if (whose !== undefined) {
              seen.assigned++;
              assert.ok(whose === route.namespace || grants(whose), `${what}, assigned to ${whose}`);
              continue;
            }
            // Without an assignment all that is declared there is of one namespace, or of those that one let in.
            const others = new Set(here.map(({ metadata }) => metadata.namespace));
            others.delete(route.namespace);
            for (const other of others) {
              seen.granted++;
              const isLetIn = here.some(
                ({ metadata, spec }) =>
                  'allowRoutesFrom' in spec &&
                  ((metadata.namespace === other && spec.allowRoutesFrom.includes(route.namespace)) ||
                    (metadata.namespace === route.namespace && spec.allowRoutesFrom.includes(other))),
              );
              assert.ok(isLetIn, `${what}, beside ${other}`);
            }
          }
          const reasons = [...problems.values()].flat().map(({ reason }) => reason);
          seen.refused += reasons.filter(reason => reason === 'RouteNotAllowed').length;
          seen.contested += reasons.filter(reason => reason === 'RouteContested').length;
        },
      ),
      { numRuns: 600, seed: 17 },
    );
  });

  it('was put to every kind of decision', () => {
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what}: ${count}`);
  });

  it('says nothing more of what is settled, and in files nothing that is not so in a cluster', () => {
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 2, maxLength: 4 }), sketches => {
        const { resources } = settle(sketches.flatMap(declare), new Map());
        const set = createResourceSet([...resources.values()]);
        const clashes = checkReferences(set).filter(({ message }) => message.includes('reach for the same requests'));
        assert.deepEqual(clashes, []);
      }),
      { numRuns: 300, seed: 18 },
    );
  });

  it('gives what a resource claimed to others once it is gone', () => {
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 2, maxLength: 4 }), assignments, (sketches, assigned) => {
        const declared = sketches.flatMap(declare);
        const { resources, problems } = settle(declared, new Map(), undefined, assigned);
        const [first] = declared.filter(({ key }) => resources.has(key));
        fc.pre(first !== undefined);
        const rest = declared.filter(one => one !== first);
        // As if it had never been there, although all was judged with it before.
        const after = settle(rest, resources, undefined, assigned);
        const never = settle(rest, new Map(), undefined, assigned);
        assert.deepEqual([...after.resources.keys()].toSorted(), [...never.resources.keys()].toSorted());
        assert.ok(problems);
      }),
      { numRuns: 300, seed: 19 },
    );
  });
});
