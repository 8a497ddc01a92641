// Finds the endpoint of a routed function by method and path, segment by segment: literal
// before `:param` before `*rest`.
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpEndpoint } from './http-endpoint.ts';

export interface Route {
  /** A method in capitals, or `*` for any. */
  readonly method: string;
  readonly path: string;
  readonly endpoint: HttpEndpoint;
}

export interface Router {
  /** In the order in which they were written, e.g. `GET /orders/:id`. */
  readonly names: readonly string[];
  /**
   * The endpoint with its raw, still encoded parameters; the methods that the path does have; or
   * undefined for an unknown path.
   */
  find(method: string, path: string): Found | MethodMissing | undefined;
  /** Says more of a path that no route has, where a developer alone calls the function. */
  explain?(request: { readonly path: string; readonly headers: IncomingHttpHeaders }): string;
}

export interface Found {
  readonly endpoint: HttpEndpoint;
  readonly params: ReadonlyArray<readonly [name: string, raw: string]>;
}

export interface MethodMissing {
  readonly allowed: readonly string[];
}

interface Leaf {
  readonly names: readonly string[];
  readonly methods: Map<string, HttpEndpoint>;
}

interface Node {
  readonly literals: Map<string, Node>;
  param: Node | undefined;
  leaf: Leaf | undefined;
  rest: Leaf | undefined;
}

export function createRouter(routes: readonly Route[]): Router {
  const root = createNode();
  for (const route of routes) insert(root, route);
  return {
    names: routes.map(({ method, path }) => `${method} ${path}`),
    find(method, path) {
      const values: string[] = [];
      const leaf = walk(root, path.split('/'), 1, values);
      if (leaf === undefined) return undefined;
      const { methods } = leaf;
      const endpoint = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined) ?? methods.get('*');
      if (endpoint === undefined) return { allowed: allowedOf(methods) };
      return { endpoint, params: leaf.names.map((name, index) => [name, values[index] ?? ''] as const) };
    },
  };
}

function insert(root: Node, route: Route): void {
  const segments = route.path.split('/').slice(1);
  const names: string[] = [];
  let node = root;
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith('*')) {
      if (index !== segments.length - 1) throw new TypeError(`In the route ${route.path}, ${segment} must come last.`);
      names.push(segment.slice(1) || '*');
      node.rest = add(node.rest, route, names);
      return;
    }
    if (segment.startsWith(':')) {
      if (segment.length === 1) throw new TypeError(`In the route ${route.path}, a parameter has no name.`);
      names.push(segment.slice(1));
      node.param ??= createNode();
      node = node.param;
    } else {
      const next = node.literals.get(segment) ?? createNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  node.leaf = add(node.leaf, route, names);
}

function add(leaf: Leaf | undefined, route: Route, names: readonly string[]): Leaf {
  if (leaf !== undefined && leaf.names.join() !== names.join()) {
    throw new TypeError(`The route ${route.path} names its parameters otherwise than another route of the same path.`);
  }
  if (leaf?.methods.has(route.method)) throw new TypeError(`The route ${route.method} ${route.path} is given twice.`);
  const known = leaf ?? { names, methods: new Map() };
  known.methods.set(route.method, route.endpoint);
  return known;
}

/**
 * Depth first, so that `/a/:x` is found behind a literal `a` that leads nowhere. Bounded by the
 * number of routes that share a prefix.
 */
function walk(node: Node, segments: readonly string[], at: number, values: string[]): Leaf | undefined {
  if (at === segments.length) return node.leaf;
  const segment = segments[at] ?? '';
  const literal = node.literals.get(segment);
  const found = literal && walk(literal, segments, at + 1, values);
  if (found) return found;
  if (node.param && segment !== '') {
    values.push(segment);
    const below = walk(node.param, segments, at + 1, values);
    if (below) return below;
    values.pop();
  }
  if (node.rest) values.push(segments.slice(at).join('/'));
  return node.rest;
}

function allowedOf(methods: Map<string, HttpEndpoint>): string[] {
  const allowed = new Set(methods.keys());
  if (allowed.has('GET')) allowed.add('HEAD');
  return [...allowed.add('OPTIONS')].sort();
}

function createNode(): Node {
  return { literals: new Map(), param: undefined, leaf: undefined, rest: undefined };
}
