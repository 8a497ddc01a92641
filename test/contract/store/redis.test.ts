// The contract of the store on a real Redis. Its time stands still but for what a test lets pass, or a slow machine would see life times end early.
import { createClient } from '@redis/client';
import { realWorld } from '../../../core/world.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import { createScripts } from '../../../drivers/store/redis/scripts.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { storeContract } from './store-contract.ts';

const service = findService(redis);

if (service)
  storeContract({
    name: 'Redis',
    async create() {
      const prefix = `test-${process.pid}-${Date.now().toString(36)}`;
      const clock = `${prefix}:clock`;
      const client = await createClient({ url: service.url() }).connect();
      // Ahead of the server's own, so that nothing whose time has not come is removed by it.
      let now = Date.now() + 3_600_000;
      const setClock = () => client.set(clock, String(now));
      await setClock();
      const scripts = createScripts(`local function clock() return tonumber(redis.call('GET', '${clock}')) end\n`);
      const open = () => openRedisStore({ world: realWorld, connection: { urls: [service.url()] }, prefix, scripts });
      let store = await open();
      const pass = async (ms: number) => {
        now += ms;
        await setClock();
      };
      // A server that nobody had leases from before might be one that has forgotten them: it is quiet for one life time first.
      await store.lease('first', 'b', { holder: 'h', turn: 1, limit: 1, held: 0, demand: 1, ttlMs: 1 });
      await pass(1000);
      return {
        get store() {
          return store;
        },
        async reopen() {
          await store.close();
          store = await open();
        },
        pass,
        async destroy() {
          for (const scope of await store.scopes('', { limit: 10_000 })) await store.drop(scope);
          await client.unlink([clock, `${prefix}:epoch`]);
          await store.close();
          client.destroy();
        },
      };
    },
  });
