// Random Apis, Stranglers and requests, small enough that they meet often.
import fc from 'fast-check';

export interface RouteSketch {
  readonly path: string;
  readonly methods: readonly string[] | undefined;
  /** What the header `h` must be. */
  readonly header: string | undefined;
}

export interface ApiSketch {
  readonly kind: 'Api';
  readonly name: string;
  readonly host: string | undefined;
  /** Empty for the root. */
  readonly base: string;
  readonly version: { name: string; by: 'path' | 'header' | 'media-type'; isDefault: boolean } | undefined;
  readonly fallThrough: boolean;
  /** Origin of the pages that may call. */
  readonly cors: string | undefined;
  readonly routes: readonly RouteSketch[];
}

export interface StranglerSketch {
  readonly kind: 'Strangler';
  readonly name: string;
  readonly host: string | undefined;
  readonly base: string;
  readonly features: readonly RouteSketch[];
}

export type Sketch = ApiSketch | StranglerSketch;

const PAGES = ['https://one.example', 'https://two.example'];

const route: fc.Arbitrary<RouteSketch> = fc.record({
  path: fc.constantFrom('', '/', '/*', '/a', '/:x', '/a/*', '/a/:y', '/:x/a'),
  methods: fc.constantFrom(undefined, ['GET'], ['POST'], ['GET', 'DELETE'], ['OPTIONS', 'PUT']),
  header: fc.constantFrom(undefined, undefined, '1', '2'),
});
const host = fc.constantFrom(undefined, undefined, undefined, 'a.example', '*.example');
const base = fc.constantFrom('', '', '/a', '/a', '/shop');

const api = fc.record({
  kind: fc.constant('Api' as const),
  host,
  base,
  version: fc.option(
    fc.record({
      name: fc.constantFrom('v1', 'v2'),
      by: fc.constantFrom('path' as const, 'header' as const, 'media-type' as const),
      isDefault: fc.boolean(),
    }),
    { nil: undefined, freq: 2 },
  ),
  fallThrough: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  cors: fc.constantFrom(undefined, ...PAGES, ...PAGES),
  routes: fc.array(route, { minLength: 1, maxLength: 3 }),
});
const strangler = fc.record({
  kind: fc.constant('Strangler' as const),
  host,
  base,
  features: fc.array(route, { maxLength: 2 }),
});

export const resourceSketches: fc.Arbitrary<readonly Sketch[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: api }, { weight: 1, arbitrary: strangler }), { minLength: 1, maxLength: 4 })
  .map(all => all.map((each, index): Sketch => ({ ...each, name: `r${index}` })));

export type RequestSketch = typeof requestSketches extends fc.Arbitrary<infer T> ? T : never;

export const requestSketches = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND'),
  path: fc
    .constantFrom('/', '/a', '/a/', '/b', '/a/a', '/a/a/', '/a/b', '/a/b/a', '/shop', '/shop/a')
    .chain(path => fc.constantFrom(path, path, path, `/v1${path}`, `/v9${path}`)),
  host: fc.constantFrom('a.example', 'b.example', 'other.test'),
  fields: fc.subarray([
    ['h', '1'],
    ['api-version', 'v1'],
    ['accept', 'application/json;version=v2'],
  ]),
  /** The method that a page asks for. */
  preflight: fc.option(fc.constantFrom('GET', 'DELETE', 'PUT'), { freq: 3 }),
  version: fc.constantFrom('v1', 'v2', 'v9'),
});

export function headersOf({ fields, version, preflight }: RequestSketch): string[] {
  const sent = fields.flatMap(([name = '', value = '']) => [name, value.replace(/\bv[12]$/, version)]);
  if (preflight === null) return sent;
  return [...sent, 'origin', PAGES[0] ?? '', 'access-control-request-method', preflight];
}

/** As documents of YAML, which takes JSON. */
export function toYaml(sketches: readonly Sketch[]): string {
  return sketches.map(sketch => JSON.stringify(toDocument(sketch))).join('\n---\n');
}

function toDocument(sketch: Sketch): object {
  const { kind, name, host, base: below } = sketch;
  const common = { ...(host === undefined ? {} : { hosts: [host] }), ...(below === '' ? {} : { basePath: below }) };
  const apiVersion = 'tenfold.dev/v1alpha1';
  if (sketch.kind === 'Strangler') {
    const features = sketch.features.map((each, index) => ({ name: `f${index}`, ...toRoute(each) }));
    return {
      apiVersion,
      kind,
      metadata: { name },
      spec: { ...common, legacy: { url: 'http://old.example' }, features },
    };
  }
  const { version, fallThrough, cors } = sketch;
  const more = {
    ...(version ? { version: { name: version.name, by: version.by, default: version.isDefault } } : {}),
    ...(cors === undefined ? {} : { cors: { origins: [cors] } }),
    ...(fallThrough ? { fallThrough } : {}),
    routes: sketch.routes.map((each, index) => ({ name: `r${index}`, ...toRoute(each) })),
  };
  return { apiVersion, kind, metadata: { name }, spec: { ...common, ...more } };
}

function toRoute({ path, methods, header }: RouteSketch): object {
  const match = { path, ...(methods ? { method: methods } : {}), ...(header ? { headers: { h: header } } : {}) };
  return { match, to: { url: 'http://any.example' } };
}
