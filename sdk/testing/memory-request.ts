// A request that never was on a wire: head and body from plain values, as
// the runtime would see them.
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { QueryParams } from '../context.ts';
import { type BodySource, FunctionRequest, type RequestHead } from '../kernel/function-request.ts';

export interface TestRequest {
  /** `POST` when there is a body, else `GET`. */
  readonly method?: string;
  /** With or without a query; `/` when absent. */
  readonly path?: string;
  readonly query?: QueryParams;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Strings, bytes and streams are sent as they are, everything else as JSON. */
  readonly body?: unknown;
}

export interface MemoryRequest {
  readonly head: RequestHead;
  readonly request: FunctionRequest;
}

export function toMemoryRequest(test: TestRequest): MemoryRequest {
  const { type, source } = toSource(test.body);
  const given = Object.entries(test.headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map(one => [name, one] as const),
  );
  const typed = given.some(([name]) => name.toLowerCase() === 'content-type');
  const pairs = type === undefined || typed ? given : [...given, ['content-type', type] as const];
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  const head = {
    method: test.method ?? (test.body === undefined ? 'GET' : 'POST'),
    url: (test.path ?? '/') + toQuery(test.query, test.path?.includes('?') ?? false),
    headers,
    rawHeaders: pairs.flat(),
  };
  return { head, request: new FunctionRequest(head, source) };
}

function toSource(body: unknown): { readonly type: string | undefined; readonly source: BodySource } {
  if (body instanceof Readable) {
    return { type: 'application/octet-stream', source: { bytes: () => collect(body), stream: () => body } };
  }
  const text = typeof body === 'string';
  const bytes = body instanceof Uint8Array;
  const value = body === undefined ? Buffer.alloc(0) : Buffer.from(text || bytes ? body : JSON.stringify(body));
  const type =
    body === undefined
      ? undefined
      : bytes
        ? 'application/octet-stream'
        : text
          ? 'text/plain; charset=utf-8'
          : 'application/json';
  return { type, source: { bytes: async () => value, stream: () => Readable.from([value]) } };
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function toQuery(query: QueryParams | undefined, appended: boolean): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : (appended ? '&' : '?') + text;
}
