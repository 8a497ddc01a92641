// The routes of one host in a compiled radix tree, by method and shape of path.
import createRouter, { type HTTPMethod } from 'find-my-way';
import { compareShapes, matchShape, overlap, type PathShape, shapeKey, shapeOf } from '../../core/paths/path-shape.ts';
import type { Match, Route } from '../plan/plan.ts';

/** Methods that a route can name. */
export const NAMED: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
/** Stands in the tree for every other method: only routes without a method take those. */
export const OTHER = 'PROPFIND';

/** The routes of one method and shape of path, the most specific condition first. */
export interface RoutePlace {
  readonly method: string;
  readonly shape: PathShape;
  readonly candidates: { readonly route: Route; readonly params: readonly string[] }[];
  /**
   * Less specific places that some of its paths match too, for requests that no candidate here
   * takes. Made on first need.
   */
  fallbacks: RoutePlace[] | undefined;
}

export interface Tree {
  find(
    method: string,
    path: string,
  ): { readonly place: RoutePlace; readonly params: Record<string, string | undefined> } | undefined;
  readonly places: readonly RoutePlace[];
}

/** `methodsOf`: the places of each route; a route for any method has a place under each. */
export function createTree(
  routes: readonly Route[],
  methodsOf = (route: Route) => route.methods,
  pathOf = (route: Route) => route.path,
): Tree {
  const router = createRouter({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 4096 });
  const places = new Map<string, RoutePlace>();
  for (const route of routes.toSorted(compareAtOnePlace)) {
    const path = pathOf(route);
    const shape = shapeOf(path);
    for (const method of treeMethods(methodsOf(route))) {
      const key = `${method} ${shapeKey(shape)}`;
      const known = places.get(key);
      if (known) {
        known.candidates.push({ route, params: shape.params });
        continue;
      }
      const place: RoutePlace = { method, shape, candidates: [{ route, params: shape.params }], fallbacks: undefined };
      places.set(key, place);
      router.on(method as HTTPMethod, toPattern(path), () => {}, place);
    }
  }
  return {
    places: [...places.values()],
    find(method, path) {
      const found = router.find(treeMethod(method) as HTTPMethod, path);
      return found ? { place: found.store as RoutePlace, params: found.params } : undefined;
    },
  };
}

/** Every place that method and path lead to, the most specific first. */
export function placesFor(tree: Tree, method: string, path: string): readonly RoutePlace[] {
  const found = tree.find(method, path);
  return found ? [found.place, ...fallbacksOf(found.place, tree)] : [];
}

export function fallbacksOf(place: RoutePlace, tree: Tree): readonly RoutePlace[] {
  place.fallbacks ??= tree.places
    .filter(other => other !== place && other.method === place.method && overlap(other.shape, place.shape))
    .sort((a, b) => compareShapes(a.shape, b.shape));
  return place.fallbacks;
}

/**
 * The routes of a place that the path matches; with its parameters under their own
 * names, as `values` has them.
 */
export function matchesAt(place: RoutePlace, path: string, values = path): Match[] {
  return place.candidates.flatMap(({ route, params }) => {
    const found = matchShape({ ...place.shape, params }, path, values);
    return found ? [{ route, params: route.implied ? { ...found, '*': '' } : found }] : [];
  });
}

/**
 * Negative when `a` is more specific by its path; a path that follows from a `*` comes after one
 * that is named.
 */
export function comparePaths(a: Route, b: Route): number {
  return compareShapes(shapeOf(a.path), shapeOf(b.path)) || Number(a.implied ?? false) - Number(b.implied ?? false);
}

function compareAtOnePlace(a: Route, b: Route): number {
  return Number(a.implied ?? false) - Number(b.implied ?? false) || specificity(b) - specificity(a);
}

/** More conditions are more specific; consumers are one. */
export function specificity({ condition, consumers }: Route): number {
  return (condition?.says.length ?? 0) + (consumers === undefined ? 0 : 1);
}

function treeMethod(method: string): string {
  return NAMED.includes(method) ? method : OTHER;
}

/** RFC 9110 §9.3.2: HEAD is what GET would be, without the body. */
function treeMethods(methods: readonly string[]): readonly string[] {
  if (methods.length === 0) return [...NAMED, OTHER];
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods;
}

/**
 * The tree gets parameters by position, as routes of one shape may name them differently.
 * It matches decoded paths.
 */
function toPattern(path: string): string {
  let count = 0;
  return decodeURI(path.replace(/:[A-Za-z_][A-Za-z0-9_]*/g, () => `:p${count++}`));
}

/** The values that the tree found, under the names that the route gives. */
export function nameParams(
  found: Record<string, string | undefined>,
  names: readonly string[],
  implied: boolean,
): Record<string, string | undefined> {
  const params: Record<string, string | undefined> = {};
  for (let index = 0; index < names.length; index++) params[names[index] ?? ''] = found[`p${index}`];
  if (implied) params['*'] = '';
  else if (found['*'] !== undefined) params['*'] = found['*'];
  return params;
}

/** A parameter is never empty: `/orders/` is no order without an id. */
export function hasEmpty(params: Record<string, string | undefined>): boolean {
  for (const name in params) if (params[name] === '' && name !== '*') return true;
  return false;
}
