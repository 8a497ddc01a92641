// The request that handlers get, over any source of bytes; every part is read when it is
// asked for, and not before.
import type { IncomingHttpHeaders } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import { Readable } from 'node:stream';
import type { HttpRequest } from '../http-request.ts';
import { knownProblem } from './known-problems.ts';

/** The part of a request that a host knows; Node's `IncomingMessage` has the first four. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/**
 * The source of the body; both methods refuse with 413 a body that is larger than the host allows.
 */
export interface BodySource {
  bytes(): Promise<Buffer>;
  stream(): Readable;
}

type Query = Readonly<Record<string, string | string[] | undefined>>;

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/**
 * A handler may ask for the body first and await it after something else. When the body breaks in
 * between, that must fail the await and not, as a rejection that nobody handles, the whole process:
 * else any caller could end it.
 */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}

function toText(bytes: Buffer): string {
  return bytes.toString('utf8');
}

function parseJson<T>(bytes: Buffer): T {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const reason = bytes.length === 0 ? 'it is empty' : cause instanceof Error ? cause.message : 'it cannot be parsed';
    throw knownProblem('bad-request', `The body is not valid JSON: ${reason}.`, { cause });
  }
}

export class FunctionRequest implements HttpRequest {
  readonly #head: RequestHead;
  readonly #source: BodySource;
  #bytes: Promise<Buffer> | undefined;
  #query: unknown;
  #headers: unknown;
  /** Set by the router and by validation; handlers see them through their schemas' types. */
  params: Readonly<Record<string, string>> = NO_PARAMS;
  #body: { readonly value: unknown } | undefined;

  constructor(head: RequestHead, source: BodySource) {
    this.#head = head;
    this.#source = source;
  }

  /** Types say `never` where it would throw. */
  get body(): never {
    if (this.#body) return this.#body.value as never;
    throw new TypeError(
      'This handler has no schema for the body, so request.body is not there. Read it by "await request.json()", or text(), bytes() or stream(); or declare a schema: http({ body: Order }, request => …).',
    );
  }

  get method(): string {
    return this.#head.method ?? 'GET';
  }

  get url(): string {
    return this.#head.url ?? '/';
  }

  get path(): string {
    const { url } = this;
    const end = url.indexOf('?');
    return end === -1 ? url : url.slice(0, end);
  }

  get query(): Query {
    if (this.#query === undefined) {
      const { url } = this;
      const start = url.indexOf('?');
      // maxKeys 0: all of them; their number is bounded by the size of the request head.
      this.#query = parseQuery(start === -1 ? '' : url.slice(start + 1), '&', '=', { maxKeys: 0 });
    }
    return this.#query as Query;
  }

  get headers(): IncomingHttpHeaders {
    return (this.#headers ?? this.#head.headers) as IncomingHttpHeaders;
  }

  get rawHeaders(): readonly string[] {
    return this.#head.rawHeaders;
  }

  /** Replaces a part by what its schema made of it. */
  setValidated(part: 'body' | 'query' | 'params' | 'headers', value: unknown): void {
    if (part === 'query') this.#query = value;
    else if (part === 'headers') this.#headers = value;
    else if (part === 'params') this.params = value as Readonly<Record<string, string>>;
    else this.#body = { value };
  }

  bytes(): Promise<Buffer> {
    return awaitedLater(this.#whole());
  }

  text(): Promise<string> {
    return awaitedLater(this.#whole().then(toText));
  }

  json<T = unknown>(): Promise<T> {
    return awaitedLater(this.#whole().then(parseJson<T>));
  }

  #whole(): Promise<Buffer> {
    this.#bytes ??= this.#source.bytes();
    return this.#bytes;
  }

  stream(): Readable {
    return this.#source.stream();
  }

  toWebRequest(): Request {
    const headers = new Headers();
    const raw = this.rawHeaders;
    for (let index = 0; index + 1 < raw.length; index += 2) headers.append(raw[index] ?? '', raw[index + 1] ?? '');
    const host = headers.get('host') ?? 'localhost';
    if (!URL.canParse(this.url, `http://${host}`))
      throw knownProblem('bad-request', 'Host and path make no valid address.');
    const url = new URL(this.url, `http://${host}`);
    if (this.method === 'GET' || this.method === 'HEAD') return new Request(url, { method: this.method, headers });
    const body = Readable.toWeb(this.stream());
    return new Request(url, { method: this.method, headers, body, duplex: 'half' });
  }
}
