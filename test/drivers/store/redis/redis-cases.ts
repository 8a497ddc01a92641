// Servers, clients and stores that tests of Redis' own faults need, each ended after its test.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { realWorld, type World } from '../../../../core/world.ts';
import type { RedisConnection } from '../../../../drivers/store/redis/connection-options.ts';
import { openRedisLink } from '../../../../drivers/store/redis/link.ts';
import { openRedisStore, type RedisStoreOptions } from '../../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { freePorts } from '../../../cluster/free-ports.ts';
import { startProxy, type TcpProxy } from '../../../services/proxy.ts';
import { askRedis, type RedisServer, startRedis } from '../../../services/redis.ts';

export interface Cases {
  redis(settings?: Readonly<Record<string, string>>): Promise<RedisServer>;
  proxy(server: RedisServer): Promise<TcpProxy>;
  store(url: string, options?: Partial<RedisStoreOptions>): Promise<Store>;
  ports(count: number): Promise<number[]>;
  atEnd(end: () => unknown): void;
  command(server: RedisServer, ...args: readonly string[]): Promise<unknown>;
}

/** To be called in `describe`. */
export function redisCases(): Cases {
  const ending: (() => unknown)[] = [];
  afterEach(async () => {
    // Stores before their servers.
    for (const end of ending.splice(0).reverse()) await end();
  });
  return {
    async redis(settings) {
      const server = await startRedis(settings);
      ending.push(() => server.process.stop());
      return server;
    },
    async proxy(server) {
      const proxy = await startProxy(server.port);
      ending.push(() => proxy.close());
      return proxy;
    },
    async store(url, options = {}) {
      const connection = { urls: [url] };
      const store = await openRedisStore({ world: realWorld, connection, ...options });
      ending.push(() => store.close());
      return store;
    },
    ports: freePorts,
    atEnd: end => void ending.push(end),
    command: askRedis,
  };
}

export const HOUR = 3_600_000;

/**
 * Clients that are given up at once, which is before they are connected, leave no
 * connection to any of the servers.
 */
export async function leavesNothingOpen(connection: RedisConnection, servers: readonly RedisServer[]): Promise<void> {
  const hasty: World = { ...realWorld, after: (_, end) => realWorld.after(0, end) };
  const options = { world: hasty, connection, requestTimeoutMs: 60_000, maxPendingBytes: 1000 };
  const opened = await Promise.allSettled(Array.from({ length: 20 }, () => openRedisLink(options)));
  const links = opened.filter(one => one.status === 'fulfilled');
  assert.ok(links.length < opened.length, 'all were open before they were given up');
  for (const { value } of links) await value.close();
  await pause(500);
  for (const server of servers) assert.doesNotMatch(String(await askRedis(server, 'CLIENT', 'LIST')), /name=tenfold/);
}

/** A step of a fold that counts what it has folded. */
export function counting(after: number | undefined, upTo: number) {
  const changes = [{ kind: 'count' as const, counter: 'folded', by: upTo - (after ?? 0) }];
  return { changes, fence: { consumer: 'fold', partition: 0, after, upTo } };
}

/**
 * What a consumer does: returns to the position that the store tells, folds from there,
 * until it has folded so many.
 */
export async function foldUpTo(store: Store, scope: string, end: number, from: number | undefined): Promise<string[]> {
  const told: string[] = [];
  let position = from;
  while ((position ?? 0) < end) {
    const { changes, fence } = counting(position, Math.min(end, (position ?? 0) + 10));
    const outcome = await store.apply(scope, changes, fence);
    if (!outcome.applied) told.push(`back to ${outcome.position}`);
    position = outcome.applied ? fence.upTo : outcome.position;
  }
  return told;
}

/** Again and again until it does not fail: for what answers with errors meanwhile. */
export async function untilDone(attempt: () => unknown, withinMs = 2 * 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
