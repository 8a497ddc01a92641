// The variables of a request for expressions: made on first use and once per exchange, as most
// routes have no expression.
import type { RequestHead } from '../http/request-head.ts';

export interface RequestVariables {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly host: string;
    /** By lower-case name; a field that came several times is joined with `, `. */
    readonly headers: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, string>>;
    readonly cookies: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, string | undefined>>;
    /** The parsed JSON body, once a step has read it; null otherwise. */
    readonly body: unknown;
  };
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Empty for the anonymous. */
  readonly consumer: string;
  readonly [name: string]: unknown;
}

/** Their source: an exchange, or a call of our own. */
export interface VariableSource {
  readonly head: Pick<RequestHead, 'method' | 'path' | 'query' | 'host'> & { readonly fields: readonly string[] };
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  readonly consumer: string | undefined;
  readonly parsedBody: unknown;
}

/** The source of one object's lazy members, and the members that have been made. */
interface Held {
  readonly source: VariableSource;
  request?: RequestVariables['request'];
  headers?: Record<string, string>;
  query?: Record<string, string>;
  cookies?: Record<string, string>;
}

/**
 * Members that are made when they are first read. All objects share their getters. An object
 * literal with getters of its own would keep everything that they hold alive until the next full
 * collection, a sixth of the CPU time of an aggregate.
 */
const HELD = Symbol('held');
interface Holder {
  readonly [HELD]: Held;
}

const VARIABLES: PropertyDescriptorMap = {
  request: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      const held = this[HELD];
      held.request ??= describeRequest(held);
      return held.request;
    },
  },
  claims: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      return this[HELD].source.claims ?? {};
    },
  },
  consumer: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      return this[HELD].source.consumer ?? '';
    },
  },
};

/** Most expressions read one of these, and each costs more than all the rest. */
const REQUEST: PropertyDescriptorMap = {
  headers: { enumerable: true, configurable: true, get: headersOf },
  query: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      const held = this[HELD];
      held.query ??= parseQuery(held.source.head.query);
      return held.query;
    },
  },
  cookies: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      const held = this[HELD];
      held.cookies ??= parseAllCookies(headersOf.call(this)['cookie']);
      return held.cookies;
    },
  },
  body: {
    enumerable: true,
    configurable: true,
    get(this: Holder) {
      return this[HELD].source.parsedBody ?? null;
    },
  },
};

function headersOf(this: Holder): Record<string, string> {
  const held = this[HELD];
  held.headers ??= toRecord(held.source.head.fields, ', ');
  return held.headers;
}

export function createVariables(source: VariableSource): RequestVariables {
  const held: Held = { source };
  return withMembers({ params: source.params }, VARIABLES, held);
}

function describeRequest(held: Held): RequestVariables['request'] {
  const { head, params } = held.source;
  const { method, path, host } = head;
  return withMembers({ method, path, host, params }, REQUEST, held);
}

function withMembers<Made>(made: object, members: PropertyDescriptorMap, held: Held): Made {
  Object.defineProperty(made, HELD, { value: held });
  // The type system does not follow members that are defined one by one.
  return Object.defineProperties(made, members) as Made;
}

/** Name and value in turn as an object without a prototype, so that no name can reach one. */
export function toRecord(fields: readonly string[], separator: string): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = (fields[index] ?? '').toLowerCase();
    const value = fields[index + 1] ?? '';
    const before = record[name];
    record[name] = before === undefined ? value : before + separator + value;
  }
  return record;
}

/**
 * `?a=1&a=2&b` → `{ a: '1, 2', b: '' }`. The limit of the head bounds it: a rule must see all
 * that the target will see.
 */
function parseQuery(query: string): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    const before = record[name];
    record[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return record;
}

/** RFC 6265 §5.4, leniently: the first cookie of a name counts. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of cookiePairs(header)) record[name] ??= value;
  return record;
}

/**
 * Which cookie of a name counts is the target's choice: a rule sees all that differ,
 * joined as those of a query are.
 */
function parseAllCookies(header: string | undefined): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [name, value] of cookiePairs(header)) {
    const values = found.get(name);
    if (values === undefined) found.set(name, new Set([value]));
    else values.add(value);
  }
  const record: Record<string, string> = Object.create(null);
  for (const [name, values] of found) record[name] = [...values].join(', ');
  return record;
}

function* cookiePairs(header: string | undefined): Generator<readonly [name: string, value: string]> {
  for (const pair of (header ?? '').split(';')) {
    const mark = pair.indexOf('=');
    if (mark === -1) continue;
    const value = pair.slice(mark + 1).trim();
    yield [pair.slice(0, mark).trim(), value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value];
  }
}
