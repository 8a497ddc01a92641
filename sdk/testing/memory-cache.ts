// The values, leases and purges of the cache endpoint of a test, in memory, by a clock
// that the test may move on.
import type { TransportRequest, TransportResponse } from '../client/transport.ts';
import { CACHE_HEADER, LEASE_HEADER } from '../client/wire.ts';
import { answerValue, etagsOf, refuse, secondsOf, tagsOf, timeOf, withEtag } from './cache-words.ts';

export interface MemoryCacheValue {
  readonly etag: string;
  readonly type: string;
  readonly body: Buffer;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly tags: ReadonlyMap<string, number>;
  readonly by: string | undefined;
}

interface MemoryLease {
  readonly token: string;
  readonly until: number;
  readonly tags: ReadonlyMap<string, number>;
}

const LOOK_MS = 5;
const MAX_TTL_MS = 30 * 86_400_000;

export class MemoryCache {
  readonly #stored = new Map<string, MemoryCacheValue>();
  readonly #leases = new Map<string, MemoryLease>();
  /** How often the values with a tag were purged, by tag. */
  readonly #purges = new Map<string, number>();
  #passedMs = 0;
  #ids = 0;

  /** `values`: the values that are there from the beginning, as JSON. */
  constructor(values: Readonly<Record<string, unknown>>) {
    const [type, forever] = ['application/json', Number.POSITIVE_INFINITY];
    for (const [key, value] of Object.entries(values)) {
      const body = Buffer.from(JSON.stringify(value));
      const etag = `v${++this.#ids}`;
      this.#stored.set(key, { etag, type, body, freshUntil: forever, staleUntil: forever, tags: new Map(), by: '' });
    }
  }

  /** Fresh or not: parsed when it is JSON, else bytes. */
  value(key: string): unknown {
    const value = this.#stored.get(key);
    if (value === undefined) return undefined;
    return value.type.startsWith('application/json') ? JSON.parse(value.body.toString()) : value.body;
  }

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  fresh(key: string): MemoryCacheValue | undefined {
    const value = this.#find(key);
    return value?.fresh ? value : undefined;
  }

  put(key: string, request: TransportRequest, params: URLSearchParams): TransportResponse {
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
    const value = this.#find(key);
    const by = token ?? headers['idempotency-key'];
    if (conditions.length > 0 && by !== undefined && value?.by === by) return { status: 204, ...withEtag(value.etag) };
    const lease = this.#leases.get(key);
    const held = token === undefined || lease?.token === token;
    if (!held || !fits(this.fresh(key), headers))
      throw refuse('precondition-failed', 'What the write depends on is not so.');
    const etag = `v${++this.#ids}`;
    const freshUntil = this.#now() + ttlMs;
    const made = token !== undefined && lease ? lease.tags : this.#generations(tags);
    const type = headers['content-type'] ?? 'application/octet-stream';
    this.#stored.set(key, { etag, type, body, freshUntil, staleUntil: freshUntil + staleMs, tags: made, by });
    this.#leases.delete(key);
    return { status: 204, ...withEtag(etag) };
  }

  async take(key: string, params: URLSearchParams, signal: AbortSignal): Promise<TransportResponse> {
    const leaseMs = timeOf(params, 'lease', 100, 900_000) ?? 10_000;
    const tags = tagsOf(params);
    const until = this.#now() + (timeOf(params, 'wait', 0, 60_000) ?? 0);
    for (;;) {
      const value = this.#find(key);
      if (value?.fresh) return answerValue(200, value, { [CACHE_HEADER]: 'hit' });
      if (this.#now() >= (this.#leases.get(key)?.until ?? 0)) {
        const token = `lease-${++this.#ids}`;
        this.#leases.set(key, { token, until: this.#now() + leaseMs, tags: this.#generations(tags) });
        const headers = { [LEASE_HEADER]: token };
        if (value) return answerValue(201, value, { ...headers, [CACHE_HEADER]: 'stale' });
        return { status: 201, headers: { ...headers, [CACHE_HEADER]: 'miss' }, body: Buffer.alloc(0) };
      }
      if (this.#now() >= until || signal.aborted) {
        if (value) return answerValue(200, value, { [CACHE_HEADER]: 'stale' });
        throw refuse('in-progress', 'The value is being made by another caller, and is not there yet.');
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }

  remove(key: string, request: TransportRequest, params: URLSearchParams): TransportResponse {
    const token = params.get('lease');
    if (token !== null) {
      if (this.#leases.get(key)?.token === token) this.#leases.delete(key);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    const value = this.fresh(key);
    const conditional = request.headers['if-match'] !== undefined;
    if (value && !fits(value, request.headers)) throw refuse('precondition-failed', 'The value is another one now.');
    if (value || !conditional) {
      this.#stored.delete(key);
      this.#leases.delete(key);
    }
    return { status: 204, headers: { [CACHE_HEADER]: value ? 'deleted' : 'miss' }, body: Buffer.alloc(0) };
  }

  purge(tags: readonly string[]): void {
    for (const tag of tags) this.#purges.set(tag, (this.#purges.get(tag) ?? 0) + 1);
  }

  #now(): number {
    return performance.now() + this.#passedMs;
  }

  #find(key: string) {
    const value = this.#stored.get(key);
    if (value === undefined || this.#now() >= value.staleUntil) return undefined;
    const purged = [...value.tags].some(([tag, generation]) => (this.#purges.get(tag) ?? 0) !== generation);
    return purged ? undefined : { ...value, fresh: this.#now() < value.freshUntil };
  }

  #generations(tags: readonly string[]): ReadonlyMap<string, number> {
    return new Map(tags.map(tag => [tag, this.#purges.get(tag) ?? 0]));
  }
}

function fits(value: MemoryCacheValue | undefined, headers: TransportRequest['headers']): boolean {
  if (headers['if-none-match'] !== undefined) return value === undefined;
  const tags = etagsOf(headers['if-match']);
  return tags === undefined || (value !== undefined && tags.some(tag => tag === '*' || tag === value.etag));
}
