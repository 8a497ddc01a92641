// Finds the route of a request: by host, then by path in a compiled radix tree, then by the conditions of the routes that stand there.
import createRouter, { type HTTPMethod } from 'find-my-way';
import type { RequestHead } from '../http/request-head.ts';
import { compareShapes, matchShape, overlap, type PathShape, shapeKey, shapeOf } from './path-shape.ts';
import type { Match, NextMatch, Plan, Route } from './plan.ts';

/** Methods that a route can name. */
const NAMED: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
/** Stands in the tree for every other method: only routes without a method take those. */
const OTHER = 'PROPFIND';

/** The routes of one host, method and shape of path, the most specific condition first. */
interface Place {
  readonly method: string;
  readonly shape: PathShape;
  readonly candidates: { readonly route: Route; readonly params: readonly string[] }[];
  /** Less specific places that some of its paths match too, for requests that no candidate here takes. Made on first need. */
  fallbacks: Place[] | undefined;
}

interface Tree {
  find(
    method: string,
    path: string,
  ): { readonly place: Place; readonly params: Record<string, string | undefined> } | undefined;
  readonly places: readonly Place[];
}

/**
 * Precedence, as in resources/references/colliding-routes.ts: the host (named, then `*.`, then any), the path segment by segment
 * (literal, then parameter, then `*`), the number of conditions.
 */
export function createPlan(routes: readonly Route[]): Plan {
  const byHost = Map.groupBy(routes, ({ host }) => host);
  const named = new Map<string, Tree>();
  const wildcards = new Map<string, Tree>();
  let any: Tree | undefined;
  for (const [host, group] of byHost) {
    const tree = createTree(group);
    if (host === undefined) any = tree;
    else if (host.startsWith('*.')) wildcards.set(host.slice(1), tree);
    else named.set(host, tree);
  }
  const onlyAny = named.size === 0 && wildcards.size === 0;

  function* treesFor(host: string): Generator<Tree> {
    const exact = named.get(host);
    if (exact) yield exact;
    // `*.example.com` stands for exactly one more label.
    const dot = host.indexOf('.');
    const below = dot === -1 ? undefined : wildcards.get(host.slice(dot));
    if (below) yield below;
    if (any) yield any;
  }

  const find = (head: RequestHead): Match | undefined => {
    if (onlyAny) return any && findIn(any, head);
    for (const tree of treesFor(head.host)) {
      const match = findIn(tree, head);
      if (match) return match;
    }
    return undefined;
  };

  return {
    routes,
    find,
    candidates: head => [...treesFor(head.host)].flatMap(tree => candidatesIn(tree, head)),
    allowedMethods: head => NAMED.filter(method => find({ ...head, method }) !== undefined),
  };
}

function findIn(tree: Tree, head: RequestHead): Match | undefined {
  const found = tree.find(treeMethod(head.method), head.path);
  if (!found) return undefined;
  // A parameter stands for something: `/orders/` is no order without an id.
  const candidates = hasEmpty(found.params) ? [] : found.place.candidates;
  for (const { route, params } of candidates) {
    if (route.condition === undefined || route.condition.holds(head))
      return { route, params: rename(found.params, params), next: nextOf(tree, head, route) };
  }
  for (const place of fallbacksOf(found.place, tree)) {
    const match = matchesAt(place, head.path).find(({ route }) => route.condition?.holds(head) ?? true);
    if (match) return { ...match, next: nextOf(tree, head, match.route) };
  }
  return undefined;
}

function nextOf(tree: Tree, head: RequestHead, route: Route): NextMatch | undefined {
  if (route.consumers === undefined) return undefined;
  return consumer => {
    const all = candidatesIn(tree, head);
    return all.slice(all.findIndex(candidate => candidate.route === route) + 1).find(({ route: other }) => {
      const sameApi = other.kind === route.kind && other.namespace === route.namespace && other.name === route.name;
      const forCaller = other.consumers === undefined || (consumer !== undefined && other.consumers.has(consumer));
      return sameApi && forCaller && (other.condition?.holds(head) ?? true);
    });
  };
}

function candidatesIn(tree: Tree, head: RequestHead): Match[] {
  const found = tree.find(treeMethod(head.method), head.path);
  if (!found) return [];
  return [found.place, ...fallbacksOf(found.place, tree)].flatMap(place => matchesAt(place, head.path));
}

function fallbacksOf(place: Place, tree: Tree): readonly Place[] {
  place.fallbacks ??= tree.places
    .filter(other => other !== place && other.method === place.method && overlap(other.shape, place.shape))
    .sort((a, b) => compareShapes(a.shape, b.shape));
  return place.fallbacks;
}

function matchesAt(place: Place, path: string): Match[] {
  return place.candidates.flatMap(({ route, params }) => {
    const found = matchShape({ ...place.shape, params }, path);
    return found ? [{ route, params: found }] : [];
  });
}

function createTree(routes: readonly Route[]): Tree {
  const router = createRouter({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 4096 });
  const places = new Map<string, Place>();
  for (const route of routes.toSorted((a, b) => specificity(b) - specificity(a))) {
    const shape = shapeOf(route.path);
    for (const method of treeMethods(route.methods)) {
      const key = `${method} ${shapeKey(shape)}`;
      const known = places.get(key);
      if (known) {
        known.candidates.push({ route, params: shape.params });
        continue;
      }
      const place: Place = { method, shape, candidates: [{ route, params: shape.params }], fallbacks: undefined };
      places.set(key, place);
      router.on(method as HTTPMethod, toPattern(route.path), () => {}, place);
    }
  }
  return {
    places: [...places.values()],
    find(method, path) {
      const found = router.find(method as HTTPMethod, path);
      return found ? { place: found.store as Place, params: found.params } : undefined;
    },
  };
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

/** The tree gets parameters by position, as routes of one shape may name them differently. It matches decoded paths. */
function toPattern(path: string): string {
  let count = 0;
  return decodeURI(path.replace(/:[A-Za-z_][A-Za-z0-9_]*/g, () => `:p${count++}`));
}

function rename(
  found: Record<string, string | undefined>,
  names: readonly string[],
): Record<string, string | undefined> {
  const params: Record<string, string | undefined> = {};
  for (let index = 0; index < names.length; index++) params[names[index] ?? ''] = found[`p${index}`];
  if (found['*'] !== undefined) params['*'] = found['*'];
  return params;
}

function hasEmpty(params: Record<string, string | undefined>): boolean {
  for (const name in params) if (params[name] === '' && name !== '*') return true;
  return false;
}
