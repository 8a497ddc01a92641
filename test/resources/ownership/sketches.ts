// Random resources of several teams that reach for each other's hosts and paths, and an
// oracle of whose a request is.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Declared } from '../../../k8s/catalog/settle.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { type Assignment, parseAssignment } from '../../../resources/ownership/assignments.ts';
import { claimStatusOf } from '../../../resources/ownership/claim-status.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';
import { headOf } from '../../gateway/routing/head-of.ts';

export const TEAMS = ['blue', 'green', 'red'];
const team = fc.constantFrom(...TEAMS);
const hosts = fc.constantFrom<(readonly string[])[]>([], [], [], ['a.example'], ['*.example'], ['a.example', 'b.test']);
const path = fc.constantFrom(
  ...['', '/', '/*', '/:x', '/:x/*', '/green', '/green/*', '/green/login', '/green/:id', '/Green/LOGIN', '/gr%65en'],
  ...['/green%2Flogin', '/green;v=1', '/;x/green/login', '/shop', '/shop/', '/shop/pay/*', '/:x/login'],
);
const base = fc.constantFrom('/', '/', '/', '/green', '/shop', '/GREEN', '/shop/pay');

export const sketch = fc.record({
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
export type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

export const assignments = fc
  .subarray(['/green=green', 'a.example=blue', '/shop=red', '/shop/pay=green', '*.example/green=blue', '/=red'])
  .map(texts => texts.flatMap(text => parseAssignment(text) ?? []));

export function declare({ kind, namespace, ...rest }: Sketch, index: number): Declared[] {
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
export const requests = ['a.example', 'b.example', 'b.test', 'other'].flatMap(host =>
  ['GET', 'POST', 'DELETE'].flatMap(method => paths.map(each => headOf(method, each, host))),
);

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
/** Whether a pattern has a host. */
export const onHost = (host: string, asked: string) =>
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

export function claims(resource: AnyResource, host: string, asked: string): boolean {
  return declaredBy(resource).some(([onHosts, prefix]) => {
    if (!onHost(onHosts, host)) return false;
    return prefix === '/' || prefix === '' ? asked === '/' : within(prefix, asked);
  });
}

export function assignedTo(assigned: readonly Assignment[], host: string, asked: string): string | undefined {
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
