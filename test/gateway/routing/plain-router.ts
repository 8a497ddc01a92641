// A plain model of who takes a request, written from the documents: every rule is looked at for
// every request, and nothing is compiled.
import type { RequestHead } from '../../../gateway/http/request-head.ts';
import type { ApiSketch, RouteSketch, Sketch, StranglerSketch } from './sketches.ts';

interface Rule {
  readonly taker: string;
  readonly family: string;
  readonly host: string | undefined;
  readonly path: string;
  /** 1: follows from a `/*`. */
  readonly implied: number;
  readonly methods: readonly string[] | undefined;
  readonly header: string | undefined;
  readonly version: { name: string; by: 'header' | 'media-type'; isDefault: boolean } | undefined;
  readonly owns: boolean;
  readonly cors: string | undefined;
}

export interface Outcome {
  readonly taker?: string;
  readonly status?: number;
  readonly allow?: readonly string[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];

export function decidePlainly(sketches: readonly Sketch[], head: RequestHead): Outcome {
  // Of equal ones the first counts: that of an Api comes before what follows from a feature.
  const rules = [
    ...sketches.flatMap(sketch => (sketch.kind === 'Api' ? rulesOfApi(sketch) : [])),
    ...sketches.flatMap(sketch => (sketch.kind === 'Strangler' ? rulesOfStrangler(sketch) : [])),
  ];
  const preflight = preflightTaker(rules, head);
  if (preflight) return { taker: preflight };
  const taken = takerOf(rules, head);
  if (taken) return { taker: taken.taker };
  const allow = METHODS.filter(method => takerOf(rules, { ...head, method }));
  if (allow.length > 0) return { status: 405, allow };
  const versioned = reachable(rules, head).filter(({ version }) => version);
  const named = versioned[0]?.version && namedVersion(versioned[0].version.by, head);
  const isUnknown = named !== undefined && !versioned.some(({ version }) => version?.name === named);
  return { status: isUnknown && versioned[0]?.version?.by === 'media-type' ? 406 : 404 };
}

function takerOf(rules: readonly Rule[], head: RequestHead): Rule | undefined {
  return reachable(rules, head).find(rule => meetsHeader(rule, head) && meetsVersion(rule, head));
}

/**
 * In the order in which they are tried: those that lead there with the method, without
 * what an Api keeps for itself.
 */
function reachable(rules: readonly Rule[], head: RequestHead): Rule[] {
  const there = rules.filter(rule => matchesHost(rule, head.host) && matchesPath(rule.path, head.path));
  const owners = there.filter(rule => rule.owns && meetsHeader(rule, head)).sort(byPlace);
  const [first] = owners;
  const families = owners.filter(rule => first && byPlace(rule, first) === 0).map(({ family }) => family);
  return there
    .filter(rule => !first || byPlace(rule, first) <= 0 || families.includes(rule.family))
    .filter(({ methods }) => takes(methods, head.method))
    .sort((a, b) => byPlace(a, b) || conditions(b) - conditions(a));
}

function preflightTaker(rules: readonly Rule[], head: RequestHead): string | undefined {
  const origin = fieldIn(head, 'origin');
  const method = fieldIn(head, 'access-control-request-method');
  if (head.method !== 'OPTIONS' || origin === undefined || method === undefined) return undefined;
  const all = reachable(rules, { ...head, method });
  const last = all.findIndex(rule => conditions(rule) === 0);
  const sharing = all.slice(0, last === -1 ? all.length : last + 1).filter(({ cors }) => cors !== undefined);
  const chosen = sharing.find(({ cors }) => cors === origin) ?? sharing[0];
  return chosen && `preflight of ${chosen.taker}`;
}

function byPlace(a: Rule, b: Rule): number {
  return hostRank(a) - hostRank(b) || comparePlaces(a.path, b.path) || a.implied - b.implied;
}

function hostRank({ host }: Rule): number {
  if (host === undefined) return 2;
  return host.startsWith('*.') ? 1 : 0;
}

function comparePlaces(a: string, b: string): number {
  const ranks = (path: string) => path.split('/').map(part => (part === '*' ? '2' : part.startsWith(':') ? '1' : '0'));
  return ranks(a).join('') < ranks(b).join('') ? -1 : ranks(a).join('') > ranks(b).join('') ? 1 : 0;
}

function conditions({ header, version }: Rule): number {
  return (header === undefined ? 0 : 1) + (version ? 1 : 0);
}

function matchesHost({ host }: Rule, asked: string): boolean {
  if (host === undefined || host === asked) return true;
  return host.startsWith('*.') && asked.includes('.') && asked.slice(asked.indexOf('.')) === host.slice(1);
}

function matchesPath(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replace(/:[a-z]+/g, '[^/]+').replace(/\*$/, '.*')}$`).test(path);
}

function meetsHeader({ header }: Rule, head: RequestHead): boolean {
  return header === undefined || fieldIn(head, 'h') === header;
}

function meetsVersion({ version }: Rule, head: RequestHead): boolean {
  if (!version) return true;
  const named = namedVersion(version.by, head);
  return named === undefined ? version.isDefault : named === version.name;
}

function namedVersion(by: 'header' | 'media-type', head: RequestHead): string | undefined {
  if (by === 'header') return fieldIn(head, 'api-version');
  return /version=(\w+)/.exec(fieldIn(head, 'accept') ?? '')?.[1];
}

function fieldIn(head: RequestHead, name: string): string | undefined {
  for (let index = 0; index < head.fields.length; index += 2) {
    if (head.fields[index] === name) return head.fields[index + 1];
  }
  return undefined;
}

function takes(methods: readonly string[] | undefined, method: string): boolean {
  if (!methods) return true;
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}

function rulesOfApi(api: ApiSketch): Rule[] {
  const { version, base } = api;
  const bases = version?.by === 'path' ? [`/${version.name}${base}`, ...(version.isDefault ? [base] : [])] : [base];
  const told =
    version && version.by !== 'path' ? { name: version.name, by: version.by, isDefault: version.isDefault } : undefined;
  return api.routes.flatMap((route, index) =>
    bases.flatMap(each =>
      placesOf(each, route.path, route.path === '/*').map(place => ({
        ...place,
        taker: `Api ${api.name} r${index}`,
        family: told ? `versions of ${base}` : api.name,
        host: api.host,
        methods: route.methods,
        header: route.header,
        version: told,
        owns: !api.fallThrough,
        cors: api.cors,
      })),
    ),
  );
}

function rulesOfStrangler({ name, host, base, features }: StranglerSketch): Rule[] {
  const plain = { family: name, host, version: undefined, owns: false, cors: undefined };
  const legacy = { ...plain, taker: `Strangler ${name} legacy`, header: undefined };
  const placesAt = (path: string) => placesOf(base, path, path.endsWith('/*'));
  return [
    ...features.flatMap(({ methods, header, path }, index) =>
      placesAt(path).map(place => ({ ...plain, ...place, taker: `Strangler ${name} f${index}`, methods, header })),
    ),
    // Whoever lacks the header, or the last parameter, is legacy's; what is written of
    // the same path comes first.
    ...features.flatMap(({ methods, header, path }) => [
      ...(header === undefined ? [] : placesAt(path).map(place => ({ ...legacy, ...place, methods }))),
      ...(/:[a-z]+$/.test(path) ? [{ ...legacy, path: base + path.replace(/:[a-z]+$/, ''), implied: 0, methods }] : []),
    ]),
    ...placesOf(base, '/*', true).map(place => ({ ...legacy, ...place, methods: undefined })),
  ];
}

/** `base`: empty for the root. */
function placesOf(base: string, path: RouteSketch['path'], isOpen: boolean): { path: string; implied: number }[] {
  if (path === '' || path === '/')
    return base === '' ? [{ path: '/', implied: 0 }] : ['', '/'].map(end => ({ path: base + end, implied: 0 }));
  const whole = base + path;
  const without = whole.replace(/\/\*$/, '');
  return [{ path: whole, implied: 0 }, ...(isOpen && without !== '' ? [{ path: without, implied: 1 }] : [])];
}
