// Finds the route of a request: a compiled radix tree by host, method and path, then the conditions of the routes that stand there.
import createRouter, { type HTTPMethod } from 'find-my-way';
import type { RequestHead } from '../http/request-head.ts';
import type { Match, Plan, Route } from './plan.ts';

/** Methods that a route can name. */
const NAMED: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
/** Stands in the tree for every other method: only routes without a method take those. */
const OTHER = 'PROPFIND';

interface Candidate {
  readonly route: Route;
  /** Names of the parameters in the order of the path. */
  readonly params: readonly string[];
}

/** The routes of one host, method and shape of path, the most specific condition first. */
interface Place {
  readonly candidates: Candidate[];
}

export function createPlan(routes: readonly Route[]): Plan {
  const router = createRouter({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 4096 });
  const places = new Map<string, Place>();
  const ordered = routes.toSorted((a, b) => specificity(b) - specificity(a));
  for (const route of ordered) {
    const { pattern, params } = toPattern(route.path);
    for (const method of treeMethods(route.methods)) {
      const key = `${method} ${route.host ?? ''} ${pattern}`;
      const place = places.get(key);
      if (place) {
        place.candidates.push({ route, params });
        continue;
      }
      const created: Place = { candidates: [{ route, params }] };
      places.set(key, created);
      const constraints = route.host === undefined ? {} : { constraints: { host: toHostConstraint(route.host) } };
      router.on(method as HTTPMethod, pattern, constraints, () => {}, created);
    }
  }
  const usesHosts = routes.some(({ host }) => host !== undefined);

  const look = ({ method, host, path }: Pick<RequestHead, 'method' | 'host' | 'path'>) => {
    const known = NAMED.includes(method) ? method : OTHER;
    const found = router.find(known as HTTPMethod, path, usesHosts ? { host } : undefined);
    if (!found || hasEmpty(found.params)) return undefined;
    return { place: found.store as Place, params: found.params };
  };

  return {
    routes,
    find(head) {
      const found = look(head);
      if (!found) return undefined;
      for (const { route, params } of found.place.candidates) {
        if (route.condition === undefined || route.condition.holds(head)) {
          return { route, params: rename(found.params, params) };
        }
      }
      return undefined;
    },
    candidates(head) {
      const found = look(head);
      return (found?.place.candidates ?? []).map(({ route, params }): Match => {
        return { route, params: rename(found?.params ?? {}, params) };
      });
    },
    allowedMethods: head => NAMED.filter(method => matches({ ...head, method })),
  };

  function matches(head: RequestHead): boolean {
    const found = look(head);
    return found?.place.candidates.some(({ route }) => route.condition?.holds(head) ?? true) ?? false;
  }
}

/** More conditions are more specific; the tree itself decides on paths. */
function specificity({ condition }: Route): number {
  return condition?.says.length ?? 0;
}

/** RFC 9110 §9.3.2: HEAD is what GET would be, without the body. */
function treeMethods(methods: readonly string[]): readonly string[] {
  if (methods.length === 0) return [...NAMED, OTHER];
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods;
}

/** The tree gets parameters by position, as routes of one shape may name them differently. It matches decoded paths. */
function toPattern(path: string): { pattern: string; params: string[] } {
  const params: string[] = [];
  const pattern = path.replace(/:([A-Za-z_][A-Za-z0-9_]*)/g, (_, name: string) => `:p${params.push(name) - 1}`);
  return { pattern: decodeURI(pattern), params };
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

/** A parameter stands for something: `/orders/` is no order without an id. */
function hasEmpty(params: Record<string, string | undefined>): boolean {
  for (const name in params) if (params[name] === '' && name !== '*') return true;
  return false;
}

/** `*.example.com` stands for exactly one more label. */
function toHostConstraint(host: string): string | RegExp {
  if (!host.startsWith('*.')) return host;
  return new RegExp(`^[^.]+\\.${host.slice(2).replaceAll('.', '\\.')}$`);
}
