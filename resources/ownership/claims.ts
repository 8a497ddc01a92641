// The claims of Apis and Stranglers on the public port: the hosts and paths that they declare, and
// all that lies below these.
import { placesBelow } from '../kinds/routes/places-below.ts';
import { type AnyResource, type Path, type Resource, resourceKey } from '../resource.ts';
import { ANY_HOST, covers, type Territory, territoriesOf } from './territory.ts';

export interface Claim {
  readonly resource: AnyResource;
  readonly namespace: string;
  readonly territory: Territory;
  /** The path at which it is written. */
  readonly at: Path;
  /** Namespaces whose routes the resource lets in. */
  readonly grants: ReadonlySet<string>;
  /** Decides which claim comes first. */
  readonly rank: Rank;
}

interface Rank {
  /**
   * The time since which it has been in force; undefined when it is new. An older resource that
   * begins to claim a route in use does not get it.
   */
  readonly since: number | undefined;
  readonly createdAt: number;
  readonly name: string;
}

export interface ClaimStatus {
  readonly territory: Territory;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface Claimant {
  readonly resource: AnyResource;
  /** Milliseconds since 1970; the same for all where that is not known. */
  readonly createdAt: number;
  /** The claims that it has had so far. */
  readonly claimStatus?: readonly ClaimStatus[] | undefined;
}

export function claimsOf({ resource, createdAt, claimStatus = [] }: Claimant): Claim[] {
  const { kind, metadata } = resource;
  const name = resourceKey(metadata.namespace, metadata.name, kind);
  const found = new Map<string, Claim>();
  for (const { territory, at } of territoriesIn(resource)) {
    const key = JSON.stringify([territory.host, territory.segments, territory.rootAlone]);
    if (found.has(key)) continue;
    const rank = { since: sinceOf(territory, claimStatus), createdAt, name };
    found.set(key, { resource, namespace: metadata.namespace, territory, at, grants: grantsOf(resource), rank });
  }
  return [...found.values()];
}

/** Undefined when nothing of before has it. */
export function sinceOf(territory: Territory, claimStatus: readonly ClaimStatus[]): number | undefined {
  const times = claimStatus.flatMap(one => (covers(one.territory, territory) ? [one.since] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * Negative when `a` comes first: the claim in force for longer, then the oldest resource, then by
 * namespace and name.
 */
export function compareClaims({ rank: a }: Claim, { rank: b }: Claim): number {
  if (a.since !== b.since)
    return (a.since ?? Number.POSITIVE_INFINITY) < (b.since ?? Number.POSITIVE_INFINITY) ? -1 : 1;
  return a.createdAt - b.createdAt || (a.name < b.name ? -1 : Number(a.name > b.name));
}

function grantsOf(resource: AnyResource): ReadonlySet<string> {
  const isRouted = resource.kind === 'Api' || resource.kind === 'Strangler';
  return new Set(isRouted ? resource.spec.allowRoutesFrom : []);
}

interface Written {
  readonly territory: Territory;
  readonly at: Path;
}

export function territoriesIn(resource: AnyResource): Written[] {
  if (resource.kind === 'Api') return apiTerritories(resource);
  if (resource.kind !== 'Strangler') return [];
  const { hosts = [ANY_HOST], basePath } = resource.spec;
  return hosts.flatMap(host => written(host, `${bare(basePath)}/*`, ['spec', 'basePath']));
}

/** The base path is claimed as a whole, as it is declared for nobody else. */
function apiTerritories({ spec }: Resource<'Api'>): Written[] {
  const { hosts = [ANY_HOST], basePath, version, routes, graphql, openapi } = spec;
  const prefixes = version?.by === 'path' ? [`/${version.name}`, ...(version.default ? [''] : [])] : [''];
  const bases = prefixes.map(prefix => prefix + bare(basePath));
  const places = [
    ...routes.map(({ match, to }, index) => ({
      hosts: match.hosts ?? hosts,
      path: match.path,
      at: ['spec', 'routes', index, 'match', 'path'],
      jobs: [to].flat().some(({ queue, fanOut }) => queue !== undefined || fanOut !== undefined),
    })),
    ...(graphql ? [{ hosts, path: graphql.path, at: ['spec', 'graphql', 'path'], jobs: false }] : []),
    ...(openapi ? [{ hosts, path: openapi.path, at: ['spec', 'openapi', 'path'], jobs: false }] : []),
  ];
  const routed = places.flatMap(place =>
    place.hosts.flatMap(host =>
      bases.flatMap(base => [
        ...placesBelow(base, place.path).flatMap(({ path }) => written(host, path, place.at)),
        // Jobs are asked after below the route that takes them.
        ...(place.jobs ? written(host, `${base}${bare(place.path)}/:job`, place.at) : []),
      ]),
    ),
  );
  if (basePath === '/') return routed;
  const whole = places.flatMap(place =>
    place.hosts.flatMap(host => bases.flatMap(base => written(host, `${base}/*`, ['spec', 'basePath']))),
  );
  return [...routed, ...whole];
}

function written(host: string, path: string, at: Path): Written[] {
  return territoriesOf(host, path).map(territory => ({ territory, at }));
}

function bare(path: string): string {
  return path.replace(/\/$/, '');
}
