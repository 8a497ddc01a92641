// A store over Redis whose time stands still but for what a test lets pass, or a slow machine would
// see times to live end early.
import { realWorld } from '../../../core/world.ts';
import type { RedisConnection } from '../../../drivers/store/redis/connection-options.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { scriptsAt } from './scripts-at.ts';
import type { StoreSubject } from './subject.ts';

/** `ended`: called last, with what all keys begin with. */
export async function createRedisSubject(
  connection: RedisConnection,
  ended: (prefix: string) => Promise<unknown>,
): Promise<StoreSubject> {
  const prefix = `test-${process.pid}-${Date.now().toString(36)}`;
  // Ahead of the server's own, so that nothing whose time has not come is removed by it.
  let now = Date.now() + 3_600_000;
  const scripts = scriptsAt(() => now);
  const known = new Set<string>();
  const open = async (): Promise<Store> => {
    const store = await openRedisStore({ world: realWorld, connection, prefix, scripts, requestTimeoutMs: 30_000 });
    /**
     * A server that nobody had leases from before might be one that has forgotten them: it is quiet
     * for one time to live first, in a cluster for each scope.
     */
    const quiet = async (scope: string) => {
      const where = connection.mode === 'cluster' ? scope : '';
      if (known.has(where)) return;
      known.add(where);
      await store.lease(scope, 'quiet', { holder: 'h', turn: 1, limit: 1, held: 0, demand: 1, ttlMs: 1 });
      now += 1000;
    };
    return {
      ...store,
      async lease(scope, budget, request) {
        await quiet(scope);
        return store.lease(scope, budget, request);
      },
    };
  };
  let store = await open();
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await open();
    },
    async pass(ms) {
      now += ms;
    },
    async destroy() {
      for (const scope of await store.scopes('', { limit: 10_000 })) await store.drop(scope);
      await store.close();
      await ended(prefix);
    },
  };
}
