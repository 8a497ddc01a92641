// The values of one namespace over the store's keys: reading, conditional writes, and the lease of
// the one who makes a value for all.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { Keys, StoreEntry } from '../../drivers/store/store.ts';
import { type CacheEntry, type CacheValue, decodeEntry, encodeEntry } from './cache-entry.ts';
import { entryPlace, freshPlace, leasePlace } from './cache-layout.ts';
import { type CacheTags, createCacheTags } from './cache-tags.ts';

/**
 * `always`, or only while there is no value, or this one, or while this lease has not been lost.
 */
export type WriteCondition = 'always' | 'absent' | { readonly etags: readonly string[] } | { readonly lease: string };

export interface NewValue {
  readonly bytes: Buffer;
  readonly type: string;
  readonly ttlMs: number;
  readonly staleMs: number;
  /** Without meaning under a lease, which has them already. */
  readonly tags: readonly string[];
  /** Idempotency-Key: a repeat under it does nothing and is answered alike. */
  readonly by: string | undefined;
}

export type Turn =
  | { readonly kind: 'hit'; readonly value: CacheValue }
  /** The caller makes the value; `stale` is the one before. */
  | { readonly kind: 'lease'; readonly token: string; readonly stale: CacheValue | undefined }
  /** Another caller makes it. */
  | { readonly kind: 'busy'; readonly stale: CacheValue | undefined };

export interface CachedValues {
  get(key: string): Promise<CacheValue | undefined>;
  /** Answers the ETag; undefined when the condition does not hold. */
  put(key: string, value: NewValue, condition: WriteCondition): Promise<string | undefined>;
  /** Whether there was a (fresh) one; undefined when there is one, and not one of `etags`. */
  delete(key: string, etags: readonly string[] | undefined): Promise<boolean | undefined>;
  take(key: string, lease: { readonly ttlMs: number; readonly tags: readonly string[] }): Promise<Turn>;
  /** Gives a lease back unused. */
  release(key: string, token: string): Promise<void>;
  purge(tags: readonly string[]): Promise<void>;
}

interface Found extends CacheEntry {
  readonly stored: StoreEntry | undefined;
  readonly fresh: boolean;
}

const NOTHING: Found = { stored: undefined, value: undefined, lease: undefined, fresh: false };
/** Each means that another caller has written in between. */
const MAX_TRIES = 10;
/** A lease that nobody else took after its end is still good to fill for so long. */
const LATE_MS = 60_000;

export function createCachedValues(world: World, store: Keys, namespace: string): CachedValues {
  return new StoredValues(world, store, namespace);
}

class StoredValues implements CachedValues {
  readonly #world: World;
  readonly #store: Keys;
  readonly #namespace: string;
  readonly #tags: CacheTags;

  constructor(world: World, store: Keys, namespace: string) {
    this.#world = world;
    this.#store = store;
    this.#namespace = namespace;
    this.#tags = createCacheTags(world, store, namespace);
  }

  async get(key: string): Promise<CacheValue | undefined> {
    const { value, fresh } = await this.#look(key);
    return fresh ? value : undefined;
  }

  async put(key: string, value: NewValue, condition: WriteCondition): Promise<string | undefined> {
    const { ttlMs, by } = value;
    const token = typeof condition === 'object' && 'lease' in condition ? condition.lease : undefined;
    const made = this.#make(value, token ?? by);
    const tags = token === undefined ? await this.#tags.current(value.tags) : {};
    if (condition === 'always') {
      const before = await this.#look(key);
      await this.#write(key, undefined, { ...made, tags }, ttlMs);
      await this.#endLease(key, before.lease?.mark);
      return made.etag;
    }
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.#look(key);
      if (made.by !== undefined && found.value?.by === made.by) return found.value.etag;
      if (!holds(condition, found)) return undefined;
      const next = { ...made, tags: token === undefined ? tags : (found.lease?.tags ?? {}) };
      if (!(await this.#write(key, found, next, ttlMs))) continue;
      await this.#endLease(key, found.lease?.mark);
      return made.etag;
    }
    throw contended();
  }

  async delete(key: string, etags: readonly string[] | undefined): Promise<boolean | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.#look(key);
      if (etags !== undefined) {
        if (!found.fresh || found.value === undefined) return false;
        if (!holds({ etags }, found)) return undefined;
      }
      const { scope, key: name } = entryPlace(this.#namespace, key);
      const when = etags === undefined || found.stored === undefined ? undefined : { version: found.stored.version };
      const gone = await this.#store.delete(scope, name, when);
      if (!gone && when !== undefined) continue;
      await this.#endLease(key, found.lease?.mark);
      return gone && found.fresh;
    }
    throw contended();
  }

  async take(key: string, wanted: { readonly ttlMs: number; readonly tags: readonly string[] }): Promise<Turn> {
    const { ttlMs } = wanted;
    const { scope, key: name } = leasePlace(this.#namespace, key);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.#look(key);
      const { value: stale } = found;
      if (found.fresh && stale) return { kind: 'hit', value: stale };
      // Most that come here wait for another one: reading costs them less
      // than a write that is refused.
      if ((await this.#store.get(scope, name)) !== undefined) return { kind: 'busy', stale };
      const token = this.#world.id();
      const mark = await this.#store.put(scope, name, token, { ttlMs, when: 'absent' });
      if (!mark.written) return { kind: 'busy', stale };
      const lease = { token, tags: await this.#tags.current(wanted.tags), mark: mark.version };
      const keptMs = Math.max(ttlMs + LATE_MS, stale === undefined ? 0 : this.#restOf(stale));
      if (await this.#replace(key, found, { value: stale, lease }, keptMs)) return { kind: 'lease', token, stale };
      await this.#endLease(key, mark.version);
    }
    throw contended();
  }

  async release(key: string, token: string): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.#look(key);
      const { stored, value, lease } = found;
      if (stored === undefined || lease?.token !== token) return;
      const { scope, key: name } = entryPlace(this.#namespace, key);
      const done =
        value === undefined
          ? await this.#store.delete(scope, name, { version: stored.version })
          : await this.#replace(key, found, { value, lease: undefined }, this.#restOf(value));
      if (done) return this.#endLease(key, lease.mark);
    }
  }

  purge(tags: readonly string[]): Promise<void> {
    return this.#tags.purge(tags);
  }

  #make({ bytes, type, ttlMs, staleMs }: NewValue, by: string | undefined): Omit<CacheValue, 'tags'> {
    const etag = this.#world.id();
    return { etag, type, bytes, staleMs, until: this.#world.now() + ttlMs + staleMs, by };
  }

  async #look(key: string): Promise<Found> {
    const { scope, key: name } = entryPlace(this.#namespace, key);
    const stored = await this.#store.get(scope, name);
    return stored === undefined ? NOTHING : this.#weigh(key, stored);
  }

  /** A purged value is gone, even as a stand-in. */
  async #weigh(key: string, stored: StoreEntry): Promise<Found> {
    const { value, lease } = decodeEntry(stored.value);
    if (value === undefined || !(await this.#tags.hold(value.tags)))
      return { stored, value: undefined, lease, fresh: false };
    if (value.staleMs === 0) return { stored, value, lease, fresh: true };
    const { scope, key: name } = freshPlace(this.#namespace, key);
    const mark = await this.#store.get(scope, name);
    if (mark !== undefined && Buffer.from(mark.value).toString() === value.etag)
      return { stored, value, lease, fresh: true };
    // A lease keeps the entry longer than the value may stand in.
    return { stored, value: this.#world.now() < value.until ? value : undefined, lease, fresh: false };
  }

  async #replace(key: string, { stored }: Found, entry: CacheEntry, ttlMs: number): Promise<boolean> {
    const { scope, key: name } = entryPlace(this.#namespace, key);
    const when = stored === undefined ? 'absent' : { version: stored.version };
    return (await this.#store.put(scope, name, encodeEntry(entry), { ttlMs, when })).written;
  }

  async #write(key: string, found: Found | undefined, next: CacheValue, ttlMs: number): Promise<boolean> {
    const entry = { value: next, lease: undefined };
    const whole = ttlMs + next.staleMs;
    if (found === undefined) {
      const { scope, key: name } = entryPlace(this.#namespace, key);
      await this.#store.put(scope, name, encodeEntry(entry), { ttlMs: whole });
    } else if (!(await this.#replace(key, found, entry, whole))) return false;
    // After the value: if this write is lost, the value is taken for an old one,
    // never the other way round.
    if (next.staleMs > 0) {
      const { scope, key: name } = freshPlace(this.#namespace, key);
      await this.#store.put(scope, name, next.etag, { ttlMs });
    }
    return true;
  }

  /** Leaves the mark of another lease alone. */
  async #endLease(key: string, mark: string | undefined): Promise<void> {
    if (mark === undefined) return;
    const { scope, key: name } = leasePlace(this.#namespace, key);
    await this.#store.delete(scope, name, { version: mark });
  }

  /** Milliseconds that a value may still stand in, as far as our clock can tell. */
  #restOf(value: CacheValue): number {
    return Math.min(Math.max(value.until - this.#world.now(), 1), value.staleMs);
  }
}

function holds(condition: Exclude<WriteCondition, 'always'>, { value, lease, fresh }: Found): boolean {
  if (condition === 'absent') return !fresh;
  if ('lease' in condition) return lease?.token === condition.lease;
  return fresh && value !== undefined && (condition.etags.includes('*') || condition.etags.includes(value.etag));
}

function contended(): TenfoldError {
  return new TenfoldError('in-progress', 'Too many write this key of the cache at the same time.', {
    retryAfterSeconds: 1,
  });
}
