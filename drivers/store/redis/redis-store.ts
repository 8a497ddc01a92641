// Store over Redis: one server, Sentinel or a cluster; each call is one script on the server that has the scope.

import type { RedisArgument } from '@redis/client';
import type { World } from '../../../core/world.ts';
import { assertChanges, assertFence } from '../assert-change.ts';
import { assertName, assertTtl, assertValue, assertWhole, invalidState, MAX_PAGE } from '../limits.ts';
import type { Store } from '../store.ts';
import { createBuckets } from './buckets.ts';
import { bytesArg, changeArgs, needsCheck } from './change-args.ts';
import { assertFit, findFault, keeperOf } from './check-server.ts';
import type { RedisConnection } from './connection-options.ts';
import { createKeyNames } from './key-names.ts';
import { createLeases } from './leases.ts';
import { openRedisLink } from './link.ts';
import { createRedisQueries, versionedOf } from './queries.ts';
import { listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';
import { listScopes } from './scopes.ts';
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

/** In it there is nothing; on a cluster it is the server of this one that is asked for the time. */
const CLOCK_SCOPE = 'clock';
/** Keys that one step of `drop` unlinks. */
const SLICE = 500;

/** Fails with `store-unavailable` when nobody answers, or only a server that cannot yet, with `storage-unusable` when the server is not fit to keep state. */
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
  // No two processes, starts or calls make the same, so a version never comes back, whatever the server has forgotten.
  const origin = world.id().replaceAll('-', '').slice(0, 16);
  let calls = 0;
  const nextVersion = () => `${origin}.${(calls++).toString(36)}`;

  return {
    ...createRedisQueries(run),
    ...createRedisTimers(run, nextVersion),
    ...createLeases(run, world),
    ...createBuckets(link, names, scripts.take),
    now: async () => numberReply(await run('now', CLOCK_SCOPE, [])),
    async get(scope, key) {
      assertNames(scope, key);
      const [entry] = listOf(await run('rows', scope, ['', key]));
      return maybe(entry, versionedOf);
    },
    async put(scope, key, value, { ttlMs, when }) {
      assertNames(scope, key);
      assertTtl(`The time to live of '${key}'`, ttlMs);
      assertValue(`The value of '${key}'`, value);
      const version = nextVersion();
      const condition = when === undefined ? ['always'] : when === 'absent' ? ['absent'] : ['version', when.version];
      const [kind = '', expected = ''] = condition;
      const reply = listOf(await run('put', scope, [kind, key, bytesArg(value), String(ttlMs), version, expected]));
      if (reply[0] === 1) return { written: true, version };
      return { written: false, entry: reply.length > 1 ? versionedOf(reply.slice(1)) : undefined };
    },
    async delete(scope, key, when) {
      assertNames(scope, key);
      return (await run('delete', scope, [key, when?.version ?? ''])) === 1;
    },
    async count(scope, name, by, ttlMs) {
      assertNames(scope, name);
      assertWhole(`The amount added to '${name}'`, by, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      assertTtl(`The time to live of '${name}'`, ttlMs);
      const [added, sum] = listOf(await run('count', scope, [name, String(by), String(ttlMs)]));
      if (added === 1) return numberReply(sum);
      throw invalidState(`Counter '${name}' would be ${textReply(sum)}, more than can be counted exactly.`);
    },
    async apply(scope, changes, fence) {
      assertNames(scope);
      if (fence) assertFence(fence);
      assertChanges(changes);
      const at = fence
        ? [
            '1',
            `${fence.partition}:${fence.consumer}`,
            String(fence.after ?? ''),
            String(fence.upTo),
            fence.server ?? '',
          ]
        : ['0', '', '', '', ''];
      const args: RedisArgument[] = [
        ...at,
        nextVersion(),
        changes.some(needsCheck) ? '1' : '0',
        String(changes.length),
      ];
      for (const change of changes) args.push(...changeArgs(change));
      const [outcome, detail] = listOf(await run('apply', scope, args));
      if (outcome === 1) return { applied: true };
      if (outcome === 0) return { applied: false, position: maybe(detail, numberReply) };
      throw invalidState(textReply(detail));
    },
    async drop(scope) {
      assertNames(scope);
      while ((await run('drop', scope, [String(SLICE)])) === 1);
    },
    async scopes(prefix, { limit, after = '' }) {
      assertWhole('The limit', limit, 1, MAX_PAGE);
      return await listScopes(
        { link, names, holds: async scope => (await run('holds', scope, [])) === 1 },
        prefix,
        after,
        limit,
      );
    },
    async server(scope) {
      assertNames(scope);
      return textReply(await run('server', scope, []));
    },
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

function assertNames(scope: string, ...names: readonly string[]): void {
  assertName('The scope', scope);
  for (const name of names) assertName('The name', name);
}
