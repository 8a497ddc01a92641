// The cache endpoint: what functions keep outside themselves, one space of keys for each namespace.
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { Intake } from '../accept/intake.ts';
import type { Target } from '../upstream/target.ts';
import { type CacheEndpointCounts, createCacheCounter } from './cache-counts.ts';
import { createCacheTarget } from './cache-target.ts';

export interface CacheEndpointOptions {
  readonly world: World;
  readonly store: Keys;
  readonly intake: Intake;
}

export interface CacheEndpoint {
  /** `namespace`: that of the caller's key, never one that a request names. */
  targetOf(namespace: string): Target;
  readonly counts: CacheEndpointCounts;
}

export function createCacheEndpoint(options: CacheEndpointOptions): CacheEndpoint {
  const counts = createCacheCounter();
  const targets = new Map<string, Target>();
  return {
    counts,
    targetOf(namespace) {
      let target = targets.get(namespace);
      if (target === undefined) {
        target = createCacheTarget({ ...options, counts, namespace });
        targets.set(namespace, target);
      }
      return target;
    },
  };
}
