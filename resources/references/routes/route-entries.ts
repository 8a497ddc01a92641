// The patterns of the routes of all Apis and Stranglers, in one form, to be compared with each
// other.
import { foldRoute, type PathFolds } from '../../../core/paths/path-spelling.ts';
import { placesBelow } from '../../kinds/routes/places-below.ts';
import type { Path } from '../../resource.ts';
import type { Declared } from '../declared.ts';
import { type DeclaredApi, type DeclaredStrangler, declaredApi, declaredStrangler } from './declared-routes.ts';

export interface Entry<R extends Declared = Declared> {
  /** Unique for a route, the same for each of its hosts. */
  readonly id: string;
  /** The way to legacy, which takes what no feature of the same Strangler does. */
  readonly fallback: boolean;
  readonly resource: R;
  /** The path at which its path is written. */
  readonly at: Path;
  /** `*` for any. */
  readonly host: string;
  /** The part that tells versions apart outside the path; empty for none. */
  readonly version: string;
  /** The path with base path, and with the version where that is part of the path. */
  readonly path: string;
  /** Which spellings of the path it takes, too. */
  readonly folds: PathFolds | undefined;
  /** undefined for any. */
  readonly methods: readonly string[] | undefined;
  readonly conditions: ReadonlyMap<string, Wanted>;
}

/** The required value of a header, query parameter or cookie. */
interface Wanted {
  readonly exact?: string | undefined;
  readonly prefix?: string | undefined;
  readonly pattern?: string | undefined;
  readonly present?: boolean | undefined;
}

export function entriesOf<R extends Declared>(declared: readonly R[]): Entry<R>[] {
  return declared.flatMap(resource => {
    const api = declaredApi(resource);
    const strangler = declaredStrangler(resource);
    return [...(api ? apiEntries(resource, api) : []), ...(strangler ? stranglerEntries(resource, strangler) : [])];
  });
}

function apiEntries<R extends Declared>(api: R, { hosts, version, routes, basePath, folds }: DeclaredApi): Entry<R>[] {
  return routes.flatMap(({ match, index }) =>
    (match.hosts ?? hosts ?? []).flatMap(host =>
      waysTo(version).flatMap(({ prefix, named }) =>
        namedPaths(prefix + basePath, match.path).map(path => ({
          id: idOf(api, index),
          fallback: false,
          resource: api,
          at: ['spec', 'routes', index, 'match', 'path'],
          host,
          version: named,
          path,
          folds,
          methods: methodsOf(match.method),
          conditions: new Map([...conditionsOf(match), ...consumersOf(match.consumers)]),
        })),
      ),
    ),
  );
}

/** How requests get to a version: by its name, and the default also without any. */
function waysTo(version: DeclaredApi['version']): { prefix: string; named: string }[] {
  if (!version) return [{ prefix: '', named: '' }];
  const { name, by } = version;
  if (by === 'path')
    return [{ prefix: `/${name}`, named: '' }, ...(version.default ? [{ prefix: '', named: '' }] : [])];
  const unnamed = { prefix: '', named: `${by} default` };
  return [{ prefix: '', named: `${by} ${name}` }, ...(version.default ? [unnamed] : [])];
}

/**
 * A Strangler takes everything below its base path, which is a route of its own
 * besides those of its features.
 */
function stranglerEntries<R extends Declared>(
  strangler: R,
  { hosts, basePath, features, folds }: DeclaredStrangler,
): Entry<R>[] {
  return hosts.flatMap(host => [
    {
      id: idOf(strangler, -1),
      fallback: true,
      resource: strangler,
      at: ['spec', 'basePath'],
      host,
      version: '',
      path: `${bare(basePath)}/*`,
      folds,
      methods: undefined,
      conditions: new Map(),
    },
    ...features.flatMap(({ match, index }) =>
      namedPaths(basePath, match.path).map(path => ({
        id: idOf(strangler, index),
        fallback: false,
        resource: strangler,
        at: ['spec', 'features', index, 'match', 'path'],
        host,
        version: '',
        path,
        folds,
        methods: methodsOf(match.method),
        conditions: conditionsOf(match),
      })),
    ),
  ]);
}

/** By its place: two resources may have one name, and one with a mistake none. */
function idOf({ kind, metadata, origin }: Declared, index: number): string {
  return `${kind}/${metadata.namespace}/${metadata.name} ${origin.file}:${origin.line}#${index}`;
}

/**
 * Paths that follow from a `/*` stand behind paths that others name, and meet other followers at
 * the `/*` itself.
 */
function namedPaths(basePath: string, path: string): string[] {
  return placesBelow(bare(basePath), path).flatMap(place => (place.implied ? [] : [place.path]));
}

function bare(basePath: string): string {
  return basePath.replace(/\/$/, '');
}

function methodsOf(method: string | readonly string[] | undefined): readonly string[] | undefined {
  return method === undefined ? undefined : [method].flat();
}

const GROUPS = ['headers', 'query', 'cookies'] as const;

type Match = { readonly [G in (typeof GROUPS)[number]]?: Readonly<Record<string, string | Wanted>> | undefined };

function conditionsOf(match: Match): Map<string, Wanted> {
  return new Map(
    GROUPS.flatMap(group =>
      Object.entries(match[group] ?? {}).map(
        ([name, wanted]) => [`${group} ${name}`, typeof wanted === 'string' ? { exact: wanted } : wanted] as const,
      ),
    ),
  );
}

/**
 * One consumer is a condition like any other. The text does not tell which of several consumers a
 * request has, so lists exclude nothing.
 */
function consumersOf(consumers: readonly string[] | undefined): [string, Wanted][] {
  if (!consumers) return [];
  return [['consumer', consumers.length === 1 ? { exact: consumers[0] } : {}]];
}

/**
 * The path without the names of its parameters: `/orders/:id` and
 * `/orders/:order` have the same shape.
 */
function shapeOf(path: string): string {
  return path
    .split('/')
    .map(segment => (segment.startsWith(':') ? ':' : decoded(segment)))
    .join('/');
}

/** The same of a route's path in the spellings that are one to either of two routes. */
export function sharedShape({ path }: Entry, folds: readonly (PathFolds | undefined)[]): string {
  const letterCase = folds.some(each => each?.letterCase);
  const matrix = folds.some(each => each?.matrix);
  return foldRoute(shapeOf(path), { letterCase, matrix });
}

/** `%41` and `A` are the same in a path (RFC 3986 §6.2.2.2). */
function decoded(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    return segment;
  }
}

/** Whether no request can meet the conditions of both. */
export function exclude(one: Entry, other: Entry): boolean {
  for (const [name, wanted] of one.conditions) {
    const also = other.conditions.get(name);
    if (also && (contradicts(wanted, also) || contradicts(also, wanted))) return true;
  }
  return false;
}

/** Patterns may overlap with anything: whether two do is not decided here. */
function contradicts(a: Wanted, b: Wanted): boolean {
  if (a.present === false) return b.present !== false;
  if (a.exact !== undefined && b.exact !== undefined) return a.exact !== b.exact;
  if (a.exact !== undefined && b.prefix !== undefined) return !a.exact.startsWith(b.prefix);
  return (
    a.prefix !== undefined && b.prefix !== undefined && !a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix)
  );
}
