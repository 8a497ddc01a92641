// Layout of the cache in the store: scopes that spread the keys of a namespace, and the few keys
// behind each of them.
import { createHash } from 'node:crypto';

/** On Redis Cluster a scope lies on one node; so many spread a namespace over all of them. */
const SHARDS = 64;

export interface CachePlace {
  readonly scope: string;
  readonly key: string;
}

/**
 * The value, and the lease of the caller that makes it anew. They are one entry, so that taking,
 * filling and losing the lease is one conditional write each.
 */
export function entryPlace(namespace: string, key: string): CachePlace {
  return placeOf(namespace, 'e', key);
}

/**
 * There for as long as the value is fresh, by the store's clock; holds the ETag of that value. Only
 * for values that outlive their freshness.
 */
export function freshPlace(namespace: string, key: string): CachePlace {
  return placeOf(namespace, 'f', key);
}

/**
 * There for as long as the lease lasts, by the store's clock; holds its token. The first writer of
 * it has the turn.
 */
export function leasePlace(namespace: string, key: string): CachePlace {
  return placeOf(namespace, 'l', key);
}

/** The generation of a tag. A missing one equals none that any value was made under. */
export function tagPlace(namespace: string, tag: string): CachePlace {
  return placeOf(namespace, 't', tag);
}

function placeOf(namespace: string, kind: string, name: string): CachePlace {
  const shard = (createHash('sha256').update(name).digest()[0] ?? 0) % SHARDS;
  return { scope: `cache.${namespace}.${shard}`, key: `${kind}/${name}` };
}
