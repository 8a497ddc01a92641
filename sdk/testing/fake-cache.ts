// The cache endpoint of a test: the same answers as the real one, from memory, by a clock that the
// test may move on.
import type { TransportRequest, TransportResponse } from '../client/transport.ts';
import { CACHE_HEADER } from '../client/wire.ts';
import { answerValue, etagsOf, refuse, tagsOf, withEtag } from './cache-words.ts';
import { MemoryCache } from './memory-cache.ts';

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

const ASKED: Readonly<Record<string, readonly string[]>> = {
  GET: [],
  HEAD: [],
  PUT: ['ttl', 'stale', 'tag', 'lease'],
  POST: ['lease', 'wait', 'tag'],
  DELETE: ['lease', 'tag'],
};

/** `values`: the values that are there from the beginning, as JSON. */
export function createFakeCache(values: Readonly<Record<string, unknown>> = {}): FakeCacheEndpoint {
  const cache = new MemoryCache(values);
  return {
    value: key => cache.value(key),
    pass: ms => cache.pass(ms),
    answer: async request => await answer(cache, request),
  };
}

async function answer(cache: MemoryCache, request: TransportRequest): Promise<TransportResponse> {
  const { pathname, searchParams } = new URL(request.target, 'http://internal');
  assertAsked(request.method, searchParams);
  const key = decodeURIComponent(pathname.slice('/cache/'.length));
  if (Buffer.byteLength(key) > 512) throw refuse('bad-request', 'A key has at most 512 bytes.');
  if (key === '') return purge(cache, request.method, searchParams);
  switch (request.method) {
    case 'PUT':
      return cache.put(key, request, searchParams);
    case 'POST':
      return await cache.take(key, searchParams, request.signal);
    case 'DELETE':
      return cache.remove(key, request, searchParams);
    default:
      return read(cache, key, request);
  }
}

function assertAsked(method: string, params: URLSearchParams): void {
  const known = ASKED[method];
  if (known === undefined) throw refuse('method-not-allowed', `The method ${method} is not taken here.`);
  const unknown = [...params.keys()].find(name => !known.includes(name));
  if (unknown !== undefined) throw refuse('bad-request', `"${unknown}" is not asked for here.`);
}

function purge(cache: MemoryCache, method: string, params: URLSearchParams): TransportResponse {
  const tags = tagsOf(params);
  if (method !== 'DELETE' || tags.length === 0) throw refuse('bad-request', 'A key, or a tag, is missing.');
  cache.purge(tags);
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

function read(cache: MemoryCache, key: string, { headers }: TransportRequest): TransportResponse {
  const value = cache.fresh(key);
  if (value === undefined) throw refuse('not-found', 'The cache holds nothing under this key.');
  const unchanged = etagsOf(headers['if-none-match'])?.some(tag => tag === '*' || tag === value.etag);
  if (unchanged) return { status: 304, ...withEtag(value.etag) };
  return answerValue(200, value, { [CACHE_HEADER]: 'hit' });
}
