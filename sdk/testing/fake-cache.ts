// The cache endpoint of a test: the same answers as the real one, from memory, by a clock that the
// test may move on.
import type { TransportRequest, TransportResponse } from '../client/transport.ts';
import { CACHE_HEADER, LEASE_HEADER } from '../client/wire.ts';
import { type KnownProblem, knownProblem } from '../kernel/known-problems.ts';

/** The part that a test sees. */
export interface FakeCache {
  /** The value under a key, fresh or not: parsed when it is JSON, else bytes. */
  value(key: string): unknown;
  /** Lets so many milliseconds pass, for this cache only. */
  pass(ms: number): void;
}

export interface FakeCacheEndpoint extends FakeCache {
  answer(request: TransportRequest): Promise<TransportResponse>;
}

interface Value {
  readonly etag: string;
  readonly type: string;
  readonly body: Buffer;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly tags: ReadonlyMap<string, number>;
  readonly by: string | undefined;
}

interface Lease {
  readonly token: string;
  readonly until: number;
  readonly tags: ReadonlyMap<string, number>;
}

const LOOK_MS = 5;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_TTL_MS = 30 * 86_400_000;
const ASKED: Readonly<Record<string, readonly string[]>> = {
  GET: [],
  HEAD: [],
  PUT: ['ttl', 'stale', 'tag', 'lease'],
  POST: ['lease', 'wait', 'tag'],
  DELETE: ['lease', 'tag'],
};

/** `values`: the values that are there from the beginning, as JSON. */
export function createFakeCache(values: Readonly<Record<string, unknown>> = {}): FakeCacheEndpoint {
  const stored = new Map<string, Value>();
  const leases = new Map<string, Lease>();
  const purges = new Map<string, number>();
  let passed = 0;
  let ids = 0;
  const now = () => performance.now() + passed;
  for (const [key, value] of Object.entries(values)) {
    const body = Buffer.from(JSON.stringify(value));
    const forever = Number.POSITIVE_INFINITY;
    const type = 'application/json';
    stored.set(key, {
      etag: `v${++ids}`,
      type,
      body,
      freshUntil: forever,
      staleUntil: forever,
      tags: new Map(),
      by: '',
    });
  }

  const generations = (tags: readonly string[]) => new Map(tags.map(tag => [tag, purges.get(tag) ?? 0]));
  const find = (key: string) => {
    const value = stored.get(key);
    if (value === undefined || now() >= value.staleUntil) return undefined;
    const purged = [...value.tags].some(([tag, generation]) => (purges.get(tag) ?? 0) !== generation);
    return purged ? undefined : { ...value, fresh: now() < value.freshUntil };
  };
  const fresh = (key: string) => {
    const value = find(key);
    return value?.fresh ? value : undefined;
  };

  function put(key: string, request: TransportRequest, params: URLSearchParams): TransportResponse {
    const { headers } = request;
    const ttlMs = timeOf(params, 'ttl', 1, MAX_TTL_MS) ?? secondsOf(headers, 'max-age');
    if (ttlMs === undefined) throw refuse('bad-request', 'How long the value is kept is missing.');
    const staleMs = timeOf(params, 'stale', 0, MAX_TTL_MS) ?? secondsOf(headers, 'stale-if-error') ?? 0;
    const token = params.get('lease') ?? undefined;
    const conditions = [headers['if-match'], headers['if-none-match'], token].filter(each => each !== undefined);
    if (conditions.length > 1) throw refuse('bad-request', 'One condition is taken.');
    if (token !== undefined && params.has('tag')) throw refuse('bad-request', 'Tags are named when a lease is taken.');
    const tags = tagsOf(params);
    const body = Buffer.from(request.body ?? '');
    if (body.length > 1024 * 1024) throw refuse('body-too-large', 'A value has at most 1048576 bytes.');
    const value = find(key);
    const by = token ?? headers['idempotency-key'];
    if (conditions.length > 0 && by !== undefined && value?.by === by) return { status: 204, ...withEtag(value.etag) };
    const lease = leases.get(key);
    const held = token === undefined || lease?.token === token;
    if (!held || !fits(fresh(key), headers))
      throw refuse('precondition-failed', 'What the write depends on is not so.');
    const etag = `v${++ids}`;
    const freshUntil = now() + ttlMs;
    const made = token !== undefined && lease ? lease.tags : generations(tags);
    const type = headers['content-type'] ?? 'application/octet-stream';
    stored.set(key, { etag, type, body, freshUntil, staleUntil: freshUntil + staleMs, tags: made, by });
    leases.delete(key);
    return { status: 204, ...withEtag(etag) };
  }

  async function take(key: string, params: URLSearchParams, signal: AbortSignal): Promise<TransportResponse> {
    const leaseMs = timeOf(params, 'lease', 100, 900_000) ?? 10_000;
    const tags = tagsOf(params);
    const until = now() + (timeOf(params, 'wait', 0, 60_000) ?? 0);
    for (;;) {
      const value = find(key);
      if (value?.fresh) return answerValue(200, value, { [CACHE_HEADER]: 'hit' });
      if (now() >= (leases.get(key)?.until ?? 0)) {
        const token = `lease-${++ids}`;
        leases.set(key, { token, until: now() + leaseMs, tags: generations(tags) });
        const headers = { [LEASE_HEADER]: token };
        if (value) return answerValue(201, value, { ...headers, [CACHE_HEADER]: 'stale' });
        return { status: 201, headers: { ...headers, [CACHE_HEADER]: 'miss' }, body: Buffer.alloc(0) };
      }
      if (now() >= until || signal.aborted) {
        if (value) return answerValue(200, value, { [CACHE_HEADER]: 'stale' });
        throw refuse('in-progress', 'The value is being made by another caller, and is not there yet.');
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }

  function remove(key: string, request: TransportRequest, params: URLSearchParams): TransportResponse {
    const token = params.get('lease');
    if (token !== null) {
      if (leases.get(key)?.token === token) leases.delete(key);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    const value = fresh(key);
    const conditional = request.headers['if-match'] !== undefined;
    if (value && !fits(value, request.headers)) throw refuse('precondition-failed', 'The value is another one now.');
    if (value || !conditional) {
      stored.delete(key);
      leases.delete(key);
    }
    return { status: 204, headers: { [CACHE_HEADER]: value ? 'deleted' : 'miss' }, body: Buffer.alloc(0) };
  }

  return {
    value(key) {
      const value = stored.get(key);
      if (value === undefined) return undefined;
      return value.type.startsWith('application/json') ? JSON.parse(value.body.toString()) : value.body;
    },
    pass(ms) {
      passed += ms;
    },
    async answer(request) {
      const url = new URL(request.target, 'http://internal');
      const known = ASKED[request.method];
      if (known === undefined) throw refuse('method-not-allowed', `The method ${request.method} is not taken here.`);
      const unknown = [...url.searchParams.keys()].find(name => !known.includes(name));
      if (unknown !== undefined) throw refuse('bad-request', `"${unknown}" is not asked for here.`);
      const key = decodeURIComponent(url.pathname.slice('/cache/'.length));
      if (Buffer.byteLength(key) > 512) throw refuse('bad-request', 'A key has at most 512 bytes.');
      if (key === '') {
        const tags = tagsOf(url.searchParams);
        if (request.method !== 'DELETE' || tags.length === 0)
          throw refuse('bad-request', 'A key, or a tag, is missing.');
        for (const tag of tags) purges.set(tag, (purges.get(tag) ?? 0) + 1);
        return { status: 204, headers: {}, body: Buffer.alloc(0) };
      }
      if (request.method === 'PUT') return put(key, request, url.searchParams);
      if (request.method === 'POST') return take(key, url.searchParams, request.signal);
      if (request.method === 'DELETE') return remove(key, request, url.searchParams);
      const value = fresh(key);
      if (value === undefined) throw refuse('not-found', 'The cache holds nothing under this key.');
      const unchanged = etagsOf(request.headers['if-none-match'])?.some(tag => tag === '*' || tag === value.etag);
      if (unchanged) return { status: 304, ...withEtag(value.etag) };
      return answerValue(200, value, { [CACHE_HEADER]: 'hit' });
    },
  };
}

function fits(value: Value | undefined, headers: TransportRequest['headers']): boolean {
  if (headers['if-none-match'] !== undefined) return value === undefined;
  const tags = etagsOf(headers['if-match']);
  return tags === undefined || (value !== undefined && tags.some(tag => tag === '*' || tag === value.etag));
}

function etagsOf(text: string | undefined): string[] | undefined {
  if (text === undefined || text === '*') return text === undefined ? undefined : ['*'];
  return [...text.matchAll(/"([^"]*)"/g)].map(([, tag]) => tag ?? '');
}

function timeOf(params: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  const [, amount, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (ms >= least && ms <= most) return ms;
  throw refuse('bad-request', `"${name}" is a time from ${least} to ${most} ms, such as 30s.`);
}

function secondsOf(headers: TransportRequest['headers'], name: string): number | undefined {
  const seconds = new RegExp(`(?:^|[,\\s])${name}=([0-9]+)`).exec(headers['cache-control'] ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function tagsOf(params: URLSearchParams): string[] {
  const tags = [...new Set(params.getAll('tag'))];
  if (tags.length > 16 || tags.some(tag => tag === '' || Buffer.byteLength(tag) > 128))
    throw refuse('bad-request', 'At most 16 tags are taken, each with 1 to 128 bytes.');
  return tags;
}

function withEtag(etag: string) {
  return { headers: { etag: `"${etag}"` }, body: Buffer.alloc(0) };
}

function answerValue(status: number, { type, etag, body }: Value, headers: Record<string, string>): TransportResponse {
  return { status, headers: { 'content-type': type, etag: `"${etag}"`, ...headers }, body };
}

function refuse(code: KnownProblem, detail: string) {
  return knownProblem(code, detail);
}
