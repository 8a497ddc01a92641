// Finds the route of a request: a compiled radix tree by host, method and path.
import { METHODS } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import type { Match, Plan, Route } from './plan.ts';

/** Every method that node:http can hand over, without those that a gateway never routes. */
const ROUTABLE = METHODS.filter(method => method !== 'CONNECT' && method !== 'TRACE') as HTTPMethod[];
/** What an answer to a wrong method may name. */
const COMMON: readonly HTTPMethod[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY' as HTTPMethod,
];

export function createPlan(routes: readonly Route[]): Plan {
  const router = createRouter({
    caseSensitive: true,
    ignoreTrailingSlash: false,
    maxParamLength: 4096,
  });
  let usesHosts = false;
  for (const route of routes) {
    const handler = () => {};
    const methods = route.methods.length === 0 ? ROUTABLE : withHead(route.methods as HTTPMethod[]);
    if (route.host === undefined) {
      router.on(methods, toPattern(route.path), handler, route);
      continue;
    }
    usesHosts = true;
    router.on(methods, toPattern(route.path), { constraints: { host: toHostConstraint(route.host) } }, handler, route);
  }
  const find = (method: string, host: string, path: string): Match | undefined => {
    const found = router.find(method as HTTPMethod, path, usesHosts ? { host } : undefined);
    return found && !hasEmpty(found.params) ? { route: found.store as Route, params: found.params } : undefined;
  };
  return {
    routes,
    find,
    allowedMethods: (host, path) => COMMON.filter(method => find(method, host, path) !== undefined),
  };
}

/** A parameter stands for something: `/orders/` is no order without an id. */
function hasEmpty(params: Record<string, string | undefined>): boolean {
  for (const name in params) if (params[name] === '' && name !== '*') return true;
  return false;
}

/** RFC 9110 §9.3.2: HEAD is what GET would be, without the body. */
function withHead(methods: HTTPMethod[]): HTTPMethod[] {
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods;
}

/** The router matches decoded paths, so literal parts are decoded too; an encoded slash stays as it is. */
function toPattern(path: string): string {
  return decodeURI(path);
}

/** `*.example.com` stands for exactly one more label. */
function toHostConstraint(host: string): string | RegExp {
  if (!host.startsWith('*.')) return host;
  return new RegExp(`^[^.]+\\.${host.slice(2).replaceAll('.', '\\.')}$`);
}
