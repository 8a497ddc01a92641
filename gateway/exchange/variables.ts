// What expressions see of a request: made on first use and once per exchange, as most routes have no expression.
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

/** Where they come from: an exchange, or a call of our own. */
export interface VariableSource {
  readonly head: Pick<RequestHead, 'method' | 'path' | 'query' | 'host'> & { readonly fields: readonly string[] };
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  readonly consumer: string | undefined;
  readonly parsedBody: unknown;
}

export function createVariables(source: VariableSource): RequestVariables {
  let request: RequestVariables['request'] | undefined;
  return {
    get request() {
      request ??= describeRequest(source);
      return request;
    },
    params: source.params,
    get claims() {
      return source.claims ?? {};
    },
    get consumer() {
      return source.consumer ?? '';
    },
  };
}

function describeRequest(source: VariableSource): RequestVariables['request'] {
  const { head, params } = source;
  let headers: Record<string, string> | undefined;
  let query: Record<string, string> | undefined;
  let cookies: Record<string, string> | undefined;
  const readHeaders = () => {
    headers ??= toRecord(head.fields, ', ');
    return headers;
  };
  return {
    method: head.method,
    path: head.path,
    host: head.host,
    // Most expressions read one of these, and each costs more than all the rest.
    get headers() {
      return readHeaders();
    },
    get query() {
      query ??= parseQuery(head.query);
      return query;
    },
    get cookies() {
      cookies ??= parseCookies(readHeaders().cookie);
      return cookies;
    },
    params,
    get body() {
      return source.parsedBody ?? null;
    },
  };
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

/** At most this many parameters are looked at; more are an attack, not a query. */
const MAX_PARAMETERS = 1000;

/** `?a=1&a=2&b` → `{ a: '1, 2', b: '' }`. */
export function parseQuery(query: string): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  let count = 0;
  for (const [name, value] of new URLSearchParams(query)) {
    if (++count > MAX_PARAMETERS) break;
    const before = record[name];
    record[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return record;
}

/** RFC 6265 §5.4, leniently: the first cookie of a name counts. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const pair of (header ?? '').split(';', MAX_PARAMETERS)) {
    const mark = pair.indexOf('=');
    if (mark === -1) continue;
    const name = pair.slice(0, mark).trim();
    const value = pair.slice(mark + 1).trim();
    record[name] ??= value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return record;
}
