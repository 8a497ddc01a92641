// The internal listener of a test: calls to functions run the given handlers, everything else
// is recorded and answered.

import type { Transport, TransportRequest, TransportResponse } from '../client/transport.ts';
import { ORIGIN_HEADER, POSITION_HEADER } from '../client/wire.ts';
import type { CloudEvent } from '../cloud-event.ts';
import { answerHttp } from '../kernel/answer.ts';
import { toDefinition } from '../kernel/definition.ts';
import type { Invocation } from '../kernel/invocation.ts';
import { knownProblem } from '../kernel/known-problems.ts';
import { problemAnswer } from '../kernel/to-answer.ts';
import { problem } from '../problem.ts';
import type { FakeCacheEndpoint } from './fake-cache.ts';
import { toMemoryRequest } from './memory-request.ts';
import { collectAnswer } from './test-answer.ts';

export interface Recorded {
  readonly invoked: Array<{
    name: string;
    method: string;
    path: string;
    headers: Readonly<Record<string, string>>;
    body: unknown;
  }>;
  readonly published: Array<{ topic: string; event: CloudEvent }>;
  readonly enqueued: Array<{ queue: string; id: string; data: unknown; idempotencyKey: string | undefined }>;
  readonly queried: Array<{ view: string; params: Readonly<Record<string, string>> }>;
  /** Objects as they are now, by name. */
  readonly blobs: Map<string, { readonly body: Buffer; readonly contentType: string }>;
}

export interface Fakes {
  /** Handlers by function name: HTTP functions, or plain ones. */
  readonly functions?: Readonly<Record<string, unknown>>;
  /**
   * The topics that exist, and what to do with an event (throw to refuse it). Any
   * topic exists when absent.
   */
  readonly topics?: Readonly<Record<string, (event: CloudEvent) => unknown>>;
  /**
   * The queues that exist, and what to do with a job (throw to refuse it). Any
   * queue exists when absent.
   */
  readonly queues?: Readonly<Record<string, (data: unknown) => unknown>>;
  /**
   * The results of `readData`, by the `dataref` of the event: bytes and texts as they are,
   * everything else as JSON.
   */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Objects that are there, by name: bytes or text; `put` adds to them, `delete` takes away. */
  readonly blobs?: Readonly<Record<string, Uint8Array | string>>;
  /** Results by view, or functions from parameters to results. */
  readonly views?: Readonly<Record<string, unknown>>;
  /** The values in the cache from the beginning, by key. */
  readonly cache?: Readonly<Record<string, unknown>>;
}

export function createFakeEndpoints(
  fakes: Fakes,
  recorded: Recorded,
  cache: Pick<FakeCacheEndpoint, 'answer'>,
  invocationFor: (functionName: string, request: TransportRequest) => Invocation,
): Transport {
  const { blobs } = recorded;
  for (const [name, body] of Object.entries(fakes.blobs ?? {}))
    blobs.set(name, { body: Buffer.from(body), contentType: 'application/octet-stream' });
  return request => untilAborted(answer(request), request.signal);

  async function answer(request: TransportRequest): Promise<TransportResponse> {
    const url = new URL(request.target, 'http://internal');
    const [, endpoint = '', encoded = ''] = url.pathname.split('/');
    const name = decodeURIComponent(encoded);
    try {
      if (endpoint === 'functions') return await callFunction(name, request);
      if (endpoint === 'topics' && request.method === 'GET') return readData(url.pathname);
      if (endpoint === 'topics') return await publish(name, request);
      if (endpoint === 'queues') return await enqueue(name, request);
      if (endpoint === 'blobs') return readOrKeepBlob(url, request);
      if (endpoint === 'cache') return await cache.answer(request);
      return await query(name, url.searchParams);
    } catch (error) {
      return toResponse(problemAnswer(error, '0'.repeat(32)));
    }
  }

  async function callFunction(name: string, request: TransportRequest): Promise<TransportResponse> {
    const definition = toDefinition(own(fakes.functions ?? {}, name, 'function'));
    if (definition?.kind !== 'http') throw new TypeError(`The fake for the function ${name} must be an HTTP function.`);
    const rest = request.target.slice('/functions/'.length).replace(/^[^/?]*/, '');
    const path = rest.startsWith('/') ? rest : `/${rest}`;
    const { method, headers } = request;
    recorded.invoked.push({ name, method, path, headers, body: parseSent(request) });
    const memory = toMemoryRequest({ method, path, headers, body: request.body });
    return toResponse(await answerHttp(definition, memory.request, invocationFor(name, request)));
  }

  async function publish(topic: string, request: TransportRequest): Promise<TransportResponse> {
    const { data_base64: base64, ...event } = parseSent(request) as CloudEvent;
    if (base64 !== undefined) event.data = Buffer.from(String(base64), 'base64');
    const origin = [event['tenfoldorigin'], request.headers[ORIGIN_HEADER]].filter(Boolean).join(',');
    if (origin !== '') event['tenfoldorigin'] = origin;
    if (fakes.topics) await own(fakes.topics, topic, 'topic')(event);
    const offset = recorded.published.filter(each => each.topic === topic).length;
    recorded.published.push({ topic, event });
    return { status: 204, headers: { [POSITION_HEADER]: `${topic}@0:${offset}` }, body: Buffer.alloc(0) };
  }

  async function enqueue(queue: string, request: TransportRequest): Promise<TransportResponse> {
    const data = parseSent(request);
    if (fakes.queues) await own(fakes.queues, queue, 'queue')(data);
    const id = `job-${recorded.enqueued.length + 1}`;
    const idempotencyKey = request.headers['idempotency-key']?.slice(1, -1);
    recorded.enqueued.push({ queue, id, data, idempotencyKey });
    const headers = { location: `/queues/${encodeURIComponent(queue)}/${id}`, 'content-type': 'application/json' };
    return { status: 202, headers, body: Buffer.from(JSON.stringify({ id })) };
  }

  function readOrKeepBlob(url: URL, { method, body, headers }: TransportRequest): TransportResponse {
    const name = decodeURIComponent(url.pathname.slice('/blobs/'.length));
    if (name === '') {
      const prefix = url.searchParams.get('prefix') ?? '';
      const items = [...blobs].filter(([each]) => each.startsWith(prefix));
      const list = items.map(([each, blob]) => ({ name: each, size: blob.body.length, etag: '', modified: '' }));
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ items: list })) };
    }
    if (method === 'PUT') {
      blobs.set(name, { body: Buffer.from(body ?? ''), contentType: String(headers['content-type'] ?? '') });
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    const found = blobs.get(name);
    if (found === undefined) throw problem(404, { detail: `There is no object ${name}.` });
    if (method === 'DELETE') blobs.delete(name);
    const sent = method === 'DELETE' ? Buffer.alloc(0) : found.body;
    return { status: 200, headers: { 'content-type': found.contentType }, body: sent };
  }

  function readData(dataref: string): TransportResponse {
    const data = own(fakes.data ?? {}, dataref, 'data');
    if (data instanceof Uint8Array) return { status: 200, headers: {}, body: Buffer.from(data) };
    const text = typeof data === 'string';
    const headers = { 'content-type': text ? 'text/plain' : 'application/json' };
    return { status: 200, headers, body: Buffer.from(text ? data : JSON.stringify(data)) };
  }

  async function query(view: string, search: URLSearchParams): Promise<TransportResponse> {
    const params = Object.fromEntries(search);
    recorded.queried.push({ view, params });
    const fake = own(fakes.views ?? {}, view, 'view');
    const result = typeof fake === 'function' ? await fake(params) : fake;
    const body = Buffer.from(JSON.stringify(result) ?? '');
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
}

/** A caller stops waiting when its signal aborts, as over a real connection; the fake may go on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason);
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}

function own<T>(fakes: Readonly<Record<string, T>>, name: string, kind: string): T {
  const fake = Object.hasOwn(fakes, name) ? fakes[name] : undefined;
  if (fake === undefined) {
    const known = Object.keys(fakes).join(', ') || 'none';
    throw knownProblem('not-found', `The test context has no ${kind} named ${name}; it has: ${known}.`);
  }
  return fake;
}

function parseSent(request: TransportRequest): unknown {
  if (request.body === undefined) return undefined;
  const text = typeof request.body === 'string';
  return text && request.headers['content-type']?.includes('json') ? JSON.parse(String(request.body)) : request.body;
}

async function toResponse(answer: Parameters<typeof collectAnswer>[0]): Promise<TransportResponse> {
  const { headers, bytes } = await collectAnswer(answer);
  return { status: answer.status, headers, body: bytes };
}
