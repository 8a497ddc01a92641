// The requests at the cache endpoint: how each is written, and what its answer says.
import { shortened } from '../../core/retry/backoff.ts';
import type { CacheDeleteOptions, CacheGetOrSetOptions, CacheKeepOptions, CacheSetOptions } from '../cache.ts';
import type { CallOptions } from '../call-options.ts';
import { type CallScope, callEndpoint } from './call-endpoint.ts';
import { InvokeError } from './invoke-error.ts';
import type { TransportResponse } from './transport.ts';
import { CACHE_HEADER, LEASE_HEADER } from './wire.ts';

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';
const DEFAULT_LEASE_MS = 10_000;
/** Values of one moment then do not expire at one moment, unless the caller says otherwise. */
const DEFAULT_JITTER = 0.1;

/** The answer of the cache endpoint to `getOrSet`. */
export type CacheTurn =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'lease'; readonly token: string; readonly stale: { readonly value: unknown } | undefined }
  /** The value is not to be had in time, and not to be kept by us. */
  | { readonly kind: 'alone' };

export class CacheRequests {
  readonly #scope: CallScope;

  constructor(scope: CallScope) {
    this.#scope = scope;
  }

  async read(key: string, options: CallOptions = {}) {
    const response = await unless([404], () =>
      callEndpoint(this.#scope, { method: 'GET', target: toTarget(key) }, options),
    );
    return response && { value: toValue(response), version: versionOf(response) };
  }

  async set(key: string, value: unknown, options: CacheSetOptions): Promise<string | undefined> {
    const { when } = options;
    const condition: Record<string, string> =
      when === undefined ? {} : when === 'absent' ? { 'if-none-match': '*' } : { 'if-match': `"${when.version}"` };
    const call = {
      method: 'PUT',
      target: toTarget(key, [...timesOf(options, 0), ...tagsOf(options)]),
      // The endpoint recognises the same write by it when a broken connection makes it come twice.
      headers: { ...condition, 'idempotency-key': crypto.randomUUID() },
    };
    const response = await unless([412], () => callEndpoint(this.#scope, withBody(call, value), options));
    return response && versionOf(response);
  }

  async remove(key: string, options: CacheDeleteOptions = {}): Promise<boolean> {
    const { version } = options;
    const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
    const call = { method: 'DELETE', target: toTarget(key), headers };
    const response = await unless([412], () => callEndpoint(this.#scope, call, options));
    return response?.headers[CACHE_HEADER] === 'deleted';
  }

  async takeTurn(key: string, options: CacheGetOrSetOptions): Promise<CacheTurn> {
    const { leaseMs = DEFAULT_LEASE_MS, waitMs = leaseMs } = options;
    const wait = Math.min(waitMs, this.#scope.remainingMs() / 2, (options.timeoutMs ?? Number.POSITIVE_INFINITY) / 2);
    const params = [toTime('lease', leaseMs), toTime('wait', wait), ...tagsOf(options)];
    const call = { method: 'POST', target: toTarget(key, params) };
    const response = await unless([409], () => callEndpoint(this.#scope, call, options));
    if (response === undefined) return { kind: 'alone' };
    if (response.status !== 201) return { kind: 'value', value: toValue(response) };
    const stale = response.headers[CACHE_HEADER] === 'stale' ? { value: toValue(response) } : undefined;
    return { kind: 'lease', token: String(response.headers[LEASE_HEADER]), stale };
  }

  /** Always with the token: once the lease is lost, nothing may be written. */
  async fill(key: string, token: string, value: unknown, options: CacheGetOrSetOptions): Promise<void> {
    const target = toTarget(key, [...timesOf(options, DEFAULT_JITTER), ['lease', token]]);
    await unless([412], () => callEndpoint(this.#scope, withBody({ method: 'PUT', target }, value), options));
  }

  async release(key: string, token: string): Promise<void> {
    await callEndpoint(this.#scope, { method: 'DELETE', target: toTarget(key, [['lease', token]]) }, {});
  }

  async purge(tags: readonly string[], options: CallOptions): Promise<void> {
    const call = { method: 'DELETE', target: `/cache${toQuery(tagsOf({ tags }))}` };
    await callEndpoint(this.#scope, call, options);
  }
}

type Param = [name: string, value: string];

function toTarget(key: string, params: readonly Param[] = []): string {
  if (key === '') throw new TypeError('A key of the cache is not empty.');
  return `/cache/${encodeURIComponent(key)}${toQuery(params)}`;
}

function toQuery(params: readonly Param[]): string {
  return params.length === 0 ? '' : `?${new URLSearchParams([...params])}`;
}

function toTime(name: string, ms: number): Param {
  return [name, `${Math.round(ms)}ms`];
}

function timesOf({ ttlMs, staleMs, jitter }: CacheKeepOptions, defaultJitter: number): Param[] {
  const part = jitter ?? defaultJitter;
  if (!(part >= 0 && part <= 1)) throw new TypeError(`jitter is a part from 0 to 1, not ${part}.`);
  const ttl = toTime('ttl', Math.max(1, shortened(ttlMs, part, Math.random())));
  return staleMs === undefined ? [ttl] : [ttl, toTime('stale', staleMs)];
}

function tagsOf({ tags = [] }: Pick<CacheKeepOptions, 'tags'>): Param[] {
  return tags.map((tag): Param => ['tag', tag]);
}

function withBody(
  call: { readonly method: string; readonly target: string; readonly headers?: Readonly<Record<string, string>> },
  value: unknown,
) {
  const bytes = value instanceof Uint8Array;
  const body = bytes ? value : JSON.stringify(value);
  if (body === undefined) throw new TypeError('A value of the cache is bytes, or something that JSON can write.');
  return { ...call, headers: { ...call.headers, 'content-type': bytes ? BYTES_TYPE : JSON_TYPE }, body };
}

function toValue({ headers, body }: TransportResponse): unknown {
  const type = String(headers['content-type'] ?? '').split(';', 1)[0];
  if (type === JSON_TYPE) return JSON.parse(body.toString('utf8'));
  return type?.startsWith('text/') ? body.toString('utf8') : body;
}

function versionOf({ headers }: TransportResponse): string {
  return String(headers['etag'] ?? '').slice(1, -1);
}

async function unless(statuses: readonly number[], work: () => Promise<TransportResponse>) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvokeError && error.status !== undefined && statuses.includes(error.status)) return undefined;
    throw error;
  }
}
