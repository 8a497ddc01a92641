// Store over Redis: one server, Sentinel or a cluster; each call is one script on the
// server that has the scope.
import type { World } from '../../../core/world.ts';
import type { Store } from '../store.ts';
import { createBuckets } from './buckets.ts';
import { assertFit, findFault, keeperOf } from './check-server.ts';
import type { RedisConnection } from './connection-options.ts';
import { createRedisFolds } from './folds.ts';
import { createKeyNames } from './key-names.ts';
import { createRedisKeys } from './keys.ts';
import { createLeases } from './leases.ts';
import { openRedisLink } from './link.ts';
import { createRedisQueries } from './queries.ts';
import type { Run } from './run.ts';
import { createScripts, type Scripts } from './scripts.ts';
import { createRedisTimers } from './timers.ts';

export interface RedisStoreOptions {
  readonly world: World;
  readonly connection: RedisConnection;
  /** Prefix of all keys, so that several installations share a Redis; `tenfold` when left out. */
  readonly prefix?: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly maxPendingBytes?: number | undefined;
  readonly scripts?: Scripts | undefined;
}

/**
 * Fails with `store-unavailable` when nobody answers, or only a server that cannot yet, with
 * `storage-unusable` when the server is not fit to keep state.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const {
    world,
    connection,
    prefix = 'tenfold',
    requestTimeoutMs = 5000,
    maxPendingBytes = 64 * 1024 * 1024,
  } = options;
  const scripts = options.scripts ?? createScripts();
  const names = createKeyNames(prefix);
  const link = await openRedisLink({ world, connection, requestTimeoutMs, maxPendingBytes });
  try {
    await assertFit(link);
  } catch (error) {
    await link.close();
    throw error;
  }
  const run: Run = (name, scope, args, budget) => {
    const base = names.base(scope);
    // The first of these keys never exists. So while a cluster moves the slot, key by key, no
    // script meets half of a scope: Redis refuses it (TRYAGAIN).
    const keys =
      budget === undefined ? [base, `${base}~`] : [base, `${base}l${budget}`, names.epoch(scope, link.clustered)];
    return link.run(scripts[name], keys, args);
  };
  // No two processes, starts or calls make the same, so a version never comes back, whatever
  // the server has forgotten.
  const origin = world.id().replaceAll('-', '').slice(0, 16);
  let calls = 0;
  const nextVersion = () => `${origin}.${(calls++).toString(36)}`;

  return {
    ...createRedisKeys(run, nextVersion),
    ...createRedisQueries(run),
    ...createRedisFolds({ link, names, run, nextVersion }),
    ...createRedisTimers(run, nextVersion),
    ...createLeases(run, world),
    ...createBuckets(link, names, scripts.take),
    keeper: () => keeperOf(link),
    async health() {
      try {
        const fault = await findFault(link);
        return fault === undefined ? { ok: true } : { ok: false, reason: fault.message };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => link.close(),
  };
}
