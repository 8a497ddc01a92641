// The cache endpoint: what functions keep outside themselves, one space of keys for each namespace.

import { FairShare } from '../../core/fair-share.ts';
import type { Target } from '../exchange/target.ts';
import { type CacheEndpointCounts, createCacheCounter } from './cache-counts.ts';
import type { CacheEndpointOptions } from './cache-endpoint-options.ts';
import { MAX_WAITING } from './cache-limits.ts';
import { createCacheTarget } from './cache-target.ts';

export interface CacheEndpoint {
  /** `namespace`: that of the caller's key, never one that a request names. */
  targetOf(namespace: string): Target;
  readonly counts: CacheEndpointCounts;
}

export function createCacheEndpoint(options: CacheEndpointOptions): CacheEndpoint {
  const counts = createCacheCounter();
  const targets = new Map<string, Target>();
  const places = new FairShare(options.maxWaiting ?? MAX_WAITING);
  return {
    counts,
    targetOf(namespace) {
      let target = targets.get(namespace);
      if (target === undefined) {
        target = createCacheTarget({ ...options, counts, places, namespace });
        targets.set(namespace, target);
      }
      return target;
    },
  };
}
