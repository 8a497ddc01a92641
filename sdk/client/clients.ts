// The clients of a context: other functions, topics, queues and views, each one request
// at the internal listener.

import type { CallOptions } from '../call-options.ts';
import { type CloudEvent, isCloudEvent } from '../cloud-event.ts';
import type {
  EnqueueOptions,
  InvokeOptions,
  InvokeResult,
  Job,
  Published,
  PublishOptions,
  QueryParams,
} from '../context.ts';
import { type CallScope, callEndpoint, toValue } from './call-endpoint.ts';
import { InvokeError } from './invoke-error.ts';
import { POSITION_HEADER } from './wire.ts';

export async function invoke(
  scope: CallScope,
  name: string,
  options: InvokeOptions<string, string, unknown> = {},
): Promise<InvokeResult<unknown>> {
  const { body, path = '/', headers } = options;
  if (path !== '' && !path.startsWith('/'))
    throw new TypeError(`The path of a call begins with a slash; ${JSON.stringify(path)} does not.`);
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const target = `/functions/${encodeURIComponent(name)}${path === '/' ? '' : path}${toQuery(options.query, path.includes('?'))}`;
  const response = await callEndpoint(scope, { method, target, ...toBody(body, headers) }, options);
  return { status: response.status, headers: response.headers, body: toValue(response) };
}

export async function publish(
  scope: CallScope,
  topic: string,
  data: unknown,
  options: PublishOptions = {},
): Promise<Published> {
  const event = toEvent(scope, topic, data, options);
  const bytes = event.data instanceof Uint8Array ? Buffer.from(event.data).toString('base64') : undefined;
  const { data: _, ...attributes } = event;
  const body = JSON.stringify(bytes === undefined ? event : { ...attributes, data_base64: bytes });
  const headers = { 'content-type': 'application/cloudevents+json' };
  const target = `/topics/${encodeURIComponent(topic)}`;
  // The receiver recognises it by its id.
  const call = { method: 'POST', target, headers, body, idempotent: true };
  const answer = await callEndpoint(scope, call, options);
  return { id: event.id, position: String(answer.headers[POSITION_HEADER] ?? '') };
}

export async function enqueue(
  scope: CallScope,
  queue: string,
  data: unknown,
  options: EnqueueOptions = {},
): Promise<Job> {
  const { idempotencyKey } = options;
  // A quoted Structured Field string, as the Idempotency-Key draft asks.
  const key =
    idempotencyKey === undefined ? {} : { 'idempotency-key': `"${idempotencyKey.replace(/["\\]/g, '\\$&')}"` };
  const target = `/queues/${encodeURIComponent(queue)}`;
  const response = await callEndpoint(scope, { method: 'POST', target, ...toBody(data, key) }, options);
  const location = String(response.headers['location'] ?? '');
  const answer = toValue(response);
  const named = typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : undefined;
  const id = named ?? location.split('/').at(-1) ?? '';
  if (id === '')
    throw new InvokeError(`POST ${target}`, 'accepted the job without saying its id', { status: response.status });
  return { id, location };
}

/**
 * Addresses of data at the internal listener; no event can make its receiver ask for anything else.
 */
const DATA_PATH = /^\/topics\/[a-z0-9.-]{1,253}\/data\/[0-9A-Za-z-]{1,60}$/;

export async function readData(scope: CallScope, event: CloudEvent, options: CallOptions = {}): Promise<unknown> {
  const target = event['dataref'];
  if (event.data !== undefined || target === undefined) return event.data;
  if (typeof target !== 'string' || !DATA_PATH.test(target)) {
    throw new TypeError(
      `The event's dataref is no address at the internal listener: ${JSON.stringify(target).slice(0, 200)}`,
    );
  }
  return toValue(await callEndpoint(scope, { method: 'GET', target }, options));
}

export async function query(
  scope: CallScope,
  view: string,
  params: QueryParams = {},
  options: CallOptions = {},
): Promise<unknown> {
  const target = `/views/${encodeURIComponent(view)}${toQuery(params, false)}`;
  return toValue(await callEndpoint(scope, { method: 'GET', target }, options));
}

function toEvent(scope: CallScope, topic: string, data: unknown, options: PublishOptions): CloudEvent {
  const { type, subject, id, key } = options;
  const extra = {
    ...(type === undefined ? {} : { type }),
    ...(subject === undefined ? {} : { subject }),
    ...(id === undefined ? {} : { id }),
    ...(key === undefined ? {} : { partitionkey: key }),
  };
  if (isCloudEvent(data)) {
    // Anybody may have written that into an event that came from outside: where a change has been
    // is what the context says, or the caller.
    const { tenfoldorigin: _, ...rest } = data;
    return { ...rest, ...extra } as CloudEvent;
  }
  return {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: `/functions/${scope.functionName}`,
    type: topic,
    time: new Date().toISOString(),
    datacontenttype: data instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
    ...extra,
    data,
  };
}

function toBody(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  if (body === undefined) return { headers };
  const typed = Object.keys(headers).some(name => name.toLowerCase() === 'content-type');
  const bytes = body instanceof Uint8Array;
  const type = bytes
    ? 'application/octet-stream'
    : typeof body === 'string'
      ? 'text/plain; charset=utf-8'
      : 'application/json';
  return {
    headers: typed ? headers : { ...headers, 'content-type': type },
    body: bytes || typeof body === 'string' ? body : JSON.stringify(body),
  };
}

function toQuery(params: QueryParams | undefined, appended: boolean): string {
  if (params === undefined) return '';
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : (appended ? '&' : '?') + text;
}
