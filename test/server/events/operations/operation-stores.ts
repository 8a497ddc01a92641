// The stores that operations are tried on: SQLite, a server of Redis, and a Redis Cluster, as far
// as they are there.
import { join } from 'node:path';
import { realWorld } from '../../../../core/world.ts';
import type { RedisConnection } from '../../../../drivers/store/redis/connection-options.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';
import { redis } from '../../../services/redis.ts';
import { startRedisCluster } from '../../../services/redis-cluster.ts';
import { canStart, findService } from '../../../services/service.ts';

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  open(): Promise<OpenedStore>;
}

let opened = 0;

/** To be called while tests are defined. */
export function storesOfOperations(): readonly StoreKind[] {
  const server = findService(redis);
  return [
    {
      name: 'SQLite',
      async open() {
        const store = await openInlineStore(join(tempFolder(), 'store.db'));
        return {
          store,
          async close() {
            await store.close();
            removeTempFolders();
          },
        };
      },
    },
    ...(server ? [{ name: 'Redis', open: () => openOnRedis({ urls: [server.url()] }, async () => {}) }] : []),
    ...(canStart(redis) ? [{ name: 'Redis Cluster', open: openOnCluster }] : []),
  ];
}

async function openOnCluster(): Promise<OpenedStore> {
  const cluster = await startRedisCluster();
  return openOnRedis({ urls: cluster.urls, mode: 'cluster' }, () => cluster.stop());
}

async function openOnRedis(connection: RedisConnection, closed: () => Promise<void>): Promise<OpenedStore> {
  const prefix = `operations-${process.pid}-${Date.now().toString(36)}-${++opened}`;
  const store = await openRedisStore({ world: realWorld, connection, prefix, requestTimeoutMs: 30_000 });
  return {
    store,
    async close() {
      for (const scope of await store.scopes('', { limit: 1000 })) await store.drop(scope);
      await store.close();
      await closed();
    },
  };
}
