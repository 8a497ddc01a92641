// The routes of all Apis and Stranglers with their requirements for callers and their targets, to
// be compared with each other.

import { isDeepStrictEqual } from 'node:util';
import { type PathShape, shapeOf } from '../../../core/paths/path-shape.ts';
import { foldRoute } from '../../../core/paths/path-spelling.ts';
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';
import { asksLikeItsApi } from '../../kinds/routes/auth.ts';
import type { PathOptions } from '../../kinds/routes/path-options.ts';
import { otherEnd } from '../../kinds/routes/places-below.ts';
import type { AnyResource, Resource } from '../../resource.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { type Entry, entriesOf } from './route-entries.ts';

interface Place {
  /** The name of the target, such as `url http://shop:8080` or `function default/orders`. */
  readonly name: string;
  /**
   * The prefix that is removed from the path, and its replacement. When two routes have the same
   * ones, a path reaches the target alike.
   */
  readonly base: string;
}

/** The requirements for a caller, each by itself. */
type Asked = Readonly<Record<string, unknown>>;

export interface GuardedPlace {
  readonly shape: PathShape;
  /** The place stands behind every route that names it. */
  readonly implied: boolean;
}

export interface GuardedRoute extends Entry<AnyResource> {
  readonly options: PathOptions;
  /** Folded as the options say: the written path, then the paths that follow from it. */
  readonly places: readonly GuardedPlace[];
  readonly targets: readonly Place[];
  readonly asks: Asked;
}

export function guardedRoutes(resources: ResourceSet): GuardedRoute[] {
  return entriesOf(resources.all).flatMap((entry): GuardedRoute[] => {
    const { resource } = entry;
    if (resource.kind !== 'Api' && resource.kind !== 'Strangler') return [];
    const { path: options } = resource.spec;
    const folds = { letterCase: !options.caseSensitive, matrix: options.matrix === 'ignore' };
    const other = otherEnd(entry.path);
    const isOpen = resource.kind === 'Strangler' && entry.path.endsWith('/*');
    const follows = other !== undefined && (isOpen || options.trailingSlash === 'ignore') ? [other] : [];
    const placed = (path: string, implied: boolean) => ({ shape: shapeOf(foldRoute(path, folds)), implied });
    const places = [placed(entry.path, false), ...follows.map(path => placed(path, true))];
    const found = resource.kind === 'Api' ? ofApi(resource, entry) : ofStrangler(resource, entry);
    return found ? [{ ...entry, options, places, ...found }] : [];
  });
}

/** Undefined where the path that the target gets is not that of the request. */
function ofApi(api: Resource<'Api'>, { at, path }: Entry): Pick<GuardedRoute, 'targets' | 'asks'> | undefined {
  const { auth, routes, version, basePath } = api.spec;
  const route = routes[Number(at[2])];
  if (!route || route.request.path !== undefined) return undefined;
  const versioned = version?.by === 'path' && path.startsWith(`/${version.name}/`) ? `/${version.name}` : '';
  const base = (versioned + basePath).replace(/\/$/, '');
  const required = asksLikeItsApi(route);
  const rules = [...(required ? [auth?.allow] : []), route.auth?.allow].filter(rule => rule !== undefined);
  return {
    targets: placesOf(api, [route.to, route.failover ?? []].flat(), base),
    asks: {
      ...(required && auth?.jwt && { jwt: auth.jwt }),
      ...(required && auth?.apiKey && { apiKey: auth.apiKey }),
      ...(required && (auth?.jwt ?? auth?.apiKey) && !auth?.optional && { credentials: true }),
      ...Object.fromEntries(rules.map(rule => [`rule ${rule}`, true])),
      ...(route.match.consumers && { consumers: route.match.consumers.toSorted() }),
    },
  };
}

function ofStrangler(
  strangler: Resource<'Strangler'>,
  { at, fallback }: Entry,
): Pick<GuardedRoute, 'targets' | 'asks'> | undefined {
  const { features, legacy } = strangler.spec;
  if (fallback) return { targets: placesOf(strangler, [{ url: legacy.url }], ''), asks: {} };
  const feature = features[Number(at[2])];
  if (!feature || feature.path !== undefined) return undefined;
  return { targets: placesOf(strangler, [feature.to, { url: legacy.url }].flat(), ''), asks: {} };
}

interface Target {
  readonly url?: string | undefined;
  readonly function?: string | undefined;
}

/** Places of targets that answer by the path: topics, queues and the like do not. */
function placesOf({ metadata: { namespace } }: AnyResource, targets: readonly Target[], base: string): Place[] {
  return targets.flatMap((target): Place[] => {
    if (target.function !== undefined) return [{ name: `function ${namespace}/${target.function}`, base }];
    if (target.url === undefined || !URL.canParse(target.url)) return [];
    const { origin, pathname } = new URL(target.url);
    return [{ name: `url ${origin}`, base: `${base} ${withoutTrailingSlashes(pathname)}` }];
  });
}

export function isGuarded({ asks }: GuardedRoute): boolean {
  return Object.keys(asks).length > 0;
}

/** Whether `strict` asks for something that `wide` does not ask for. */
export function isWeaker(wide: GuardedRoute, strict: GuardedRoute): boolean {
  return Object.entries(strict.asks).some(([name, asked]) => !isDeepStrictEqual(wide.asks[name], asked));
}
