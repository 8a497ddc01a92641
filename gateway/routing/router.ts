// Finds the route of a request: by host, then by path, then by the conditions of the routes that
// stand there; an Api keeps what it owns.

import { compareShapes, overlap } from '../../core/paths/path-shape.ts';
import type { LimitOf } from '../../resources/ownership/assignments.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { Match, NextMatch, Plan, Route, RouteThere } from '../plan/plan.ts';
import { createLayers, type Layers } from './path-layers.ts';
import {
  comparePaths,
  createTree,
  fallbacksOf,
  hasEmpty,
  matchesAt,
  NAMED,
  nameParams,
  OTHER,
  placesFor,
  type RoutePlace,
  type Tree,
} from './route-tree.ts';

interface HostRoutes {
  readonly tree: Tree;
  /** The routes that own their path, whatever their methods; undefined when none does. */
  readonly owning: Tree | undefined;
  /**
   * Whether some of the paths of a place are owned by a more specific
   * route. Found out on first need.
   */
  readonly contested: Map<RoutePlace, boolean>;
  /** Set when some of the routes take further spellings of their paths. */
  readonly layers: Layers | undefined;
  /**
   * Whether the host and path of a request are not for other namespaces than the route's.
   * Undefined: they never are.
   */
  readonly answers: ((route: Route, head: RequestHead) => boolean) | undefined;
}

/** The owner of a request. */
interface Ownership {
  readonly by: Route;
  readonly families: ReadonlySet<string>;
}

/**
 * Precedence, as in resources/references/routes/colliding-routes.ts: the host (named, then `*.`,
 * then any), the path segment by segment (literal, then parameter, then `*`), the number of
 * conditions. The most specific Apis that own the path of a request, whatever its method and
 * version, keep it from less specific routes but their own.
 */
export function createPlan(routes: readonly Route[], limitOf: LimitOf = () => undefined): Plan {
  const limits = new Map(
    routes.flatMap(route => {
      const limit = limitOf(route);
      return limit ? [[route, limit] as const] : [];
    }),
  );
  const answers =
    limits.size === 0
      ? undefined
      : (route: Route, { host, path }: RequestHead) => limits.get(route)?.(host, path) ?? true;
  const byHost = Map.groupBy(routes, ({ host }) => host);
  const named = new Map<string, HostRoutes>();
  const wildcards = new Map<string, HostRoutes>();
  let any: HostRoutes | undefined;
  for (const [host, group] of byHost) {
    const owners = group.filter(({ owns }) => owns);
    const owning = owners.length === 0 ? undefined : createTree(owners, () => [OTHER]);
    const layers = createLayers(group);
    const there: HostRoutes = { tree: createTree(group), owning, contested: new Map(), layers, answers };
    if (host === undefined) any = there;
    else if (host.startsWith('*.')) wildcards.set(host.slice(1), there);
    else named.set(host, there);
  }
  const onlyAny = named.size === 0 && wildcards.size === 0;

  function* hostsOf(host: string): Generator<HostRoutes> {
    const exact = named.get(host);
    if (exact) yield exact;
    // `*.example.com` stands for exactly one more label.
    const dot = host.indexOf('.');
    const below = dot === -1 ? undefined : wildcards.get(host.slice(dot));
    if (below) yield below;
    if (any) yield any;
  }

  const find = (head: RequestHead): Match | undefined => {
    if (onlyAny) return any && findIn(any, head, undefined);
    let owned: Ownership | undefined;
    for (const there of hostsOf(head.host)) {
      const match = findIn(there, head, owned);
      if (match) return match;
      owned ??= ownershipIn(there, head);
    }
    return undefined;
  };

  const candidates = (head: RequestHead): RouteThere[] => {
    let owned: Ownership | undefined;
    return [...hostsOf(head.host)].flatMap(there => {
      const before = owned;
      const here = before ?? ownershipIn(there, head);
      owned = here;
      return candidatesIn(there, head).map(match => {
        const isBarred = here && !here.families.has(match.route.family) && (before || isBehind(match.route, here));
        return { ...match, barredBy: isBarred ? here.by : undefined };
      });
    });
  };

  return {
    routes,
    find,
    candidates,
    allowedMethods: head => NAMED.filter(method => find({ ...head, method }) !== undefined),
  };
}

/** `before`: whose the request is by a more specific host. */
function findIn(there: HostRoutes, head: RequestHead, before: Ownership | undefined): Match | undefined {
  const { tree, layers, answers } = there;
  if (layers?.concern(head.path)) return findInLayers(there, head, before);
  const found = tree.find(head.method, head.path);
  if (!found) return undefined;
  let looked = before !== undefined;
  let owned = before;
  const isBarred = (route: Route, place: RoutePlace) => {
    if (answers && !answers(route, head)) return true;
    if (!looked) {
      if (!isContested(place, there)) return false;
      owned = ownershipIn(there, head);
      looked = true;
    }
    return owned !== undefined && !owned.families.has(route.family) && (before !== undefined || isBehind(route, owned));
  };
  const candidates = hasEmpty(found.params) ? [] : found.place.candidates;
  for (const { route, params } of candidates) {
    if ((route.condition === undefined || route.condition.holds(head)) && !isBarred(route, found.place)) {
      const named = nameParams(found.params, params, route.implied ?? false);
      return { route, params: named, next: nextOf(there, head, route) };
    }
  }
  for (const place of fallbacksOf(found.place, tree)) {
    const match = matchesAt(place, head.path).find(
      ({ route }) => (route.condition?.holds(head) ?? true) && !isBarred(route, place),
    );
    if (match) return { ...match, next: nextOf(there, head, match.route) };
  }
  return undefined;
}

/** The same as a whole, where a path may be spelled in several ways. */
function findInLayers(there: HostRoutes, head: RequestHead, before: Ownership | undefined): Match | undefined {
  const owned = before ?? ownershipIn(there, head);
  const isBarred = (route: Route) =>
    owned !== undefined && !owned.families.has(route.family) && (before !== undefined || isBehind(route, owned));
  const match = candidatesIn(there, head).find(
    ({ route }) => (route.condition?.holds(head) ?? true) && !isBarred(route),
  );
  return match && { ...match, next: nextOf(there, head, match.route) };
}

/**
 * The owners of a request by the routes of one host: the most specific ones, of which several may
 * share a path.
 */
function ownershipIn({ owning, layers, answers }: HostRoutes, head: RequestHead): Ownership | undefined {
  if (!owning) return undefined;
  const groups = layers?.concern(head.path)
    ? [layers.owners(head.path)]
    : placesFor(owning, OTHER, head.path).map(place => matchesAt(place, head.path));
  for (const matches of groups) {
    const owners = matches.flatMap(({ route }) =>
      route.owns?.(head) && (answers?.(route, head) ?? true) ? [route] : [],
    );
    const [by] = owners;
    if (!by) continue;
    const equal = owners.filter(route => comparePaths(route, by) === 0);
    return { by, families: new Set(equal.map(({ family }) => family)) };
  }
  return undefined;
}

function isBehind(route: Route, { by }: Ownership): boolean {
  return comparePaths(by, route) < 0;
}

function isContested(place: RoutePlace, { owning, contested }: HostRoutes): boolean {
  const known = contested.get(place);
  if (known !== undefined) return known;
  const isImplied = ({ route }: RoutePlace['candidates'][number]) => route.implied ?? false;
  const found = owning?.places.some(({ shape, candidates }) => {
    const compared = compareShapes(shape, place.shape);
    if (compared === 0)
      return overlap(shape, place.shape) && place.candidates.some(isImplied) && !candidates.every(isImplied);
    return compared < 0 && overlap(shape, place.shape);
  });
  contested.set(place, found ?? false);
  return found ?? false;
}

function nextOf(there: HostRoutes, head: RequestHead, route: Route): NextMatch | undefined {
  if (route.consumers === undefined) return undefined;
  return consumer => {
    const all = candidatesIn(there, head);
    return all.slice(all.findIndex(candidate => candidate.route === route) + 1).find(({ route: other }) => {
      const sameApi = other.kind === route.kind && other.namespace === route.namespace && other.name === route.name;
      const forCaller = other.consumers === undefined || (consumer !== undefined && other.consumers.has(consumer));
      return sameApi && forCaller && (other.condition?.holds(head) ?? true);
    });
  };
}

function candidatesIn({ tree, layers, answers }: HostRoutes, head: RequestHead): Match[] {
  const { method, path } = head;
  const all = layers?.concern(path)
    ? layers.matches(method, path)
    : placesFor(tree, method, path).flatMap(place => matchesAt(place, path));
  return answers ? all.filter(({ route }) => answers(route, head)) : all;
}
