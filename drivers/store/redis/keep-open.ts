// A store over Redis that can be used at once, whether Redis is there or not. It retries until
// Redis answers and is fit. Until then every call fails as it would in an outage.
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { sleep } from '../../../core/world.ts';
import type { Store } from '../store.ts';
import { openRedisStore, type RedisStoreOptions } from './redis-store.ts';

const PAUSES = { base: 200, max: 5_000 };

/**
 * Resolves when the first attempt has ended, however; `health` says why there is none yet. Rejects
 * only for a connection that cannot be meant.
 */
export async function keepRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { world } = options;
  const closing = new AbortController();
  let store: Store | undefined;
  let reason = 'it has not been reached yet';

  const attempt = async () => {
    try {
      const opened = await openRedisStore(options);
      if (closing.signal.aborted) await opened.close();
      else store = opened;
    } catch (error) {
      if (error instanceof TenfoldError && error.code === 'invalid-input') throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
  };
  const goOn = async () => {
    for (let failures = 1; store === undefined && !closing.signal.aborted; failures++) {
      await sleep(world, pauseAfter(failures, PAUSES, world.random()), closing.signal);
      await attempt();
    }
  };
  await attempt();
  const going = goOn().catch(() => {});

  const need = (): Store => {
    if (store) return store;
    throw new TenfoldError('store-unavailable', `Redis cannot be used: ${reason}`, { retryAfterSeconds: 5 });
  };
  return {
    now: async () => need().now(),
    get: async (...args) => need().get(...args),
    put: async (...args) => need().put(...args),
    delete: async (...args) => need().delete(...args),
    counter: async (...args) => need().counter(...args),
    count: async (...args) => need().count(...args),
    row: async (...args) => need().row(...args),
    rows: async (...args) => need().rows(...args),
    scan: async (...args) => need().scan(...args),
    scanSets: async (...args) => need().scanSets(...args),
    countRows: async (...args) => need().countRows(...args),
    top: async (...args) => need().top(...args),
    around: async (...args) => need().around(...args),
    aroundPlace: async (...args) => need().aroundPlace(...args),
    rankingSize: async (...args) => need().rankingSize(...args),
    feed: async (...args) => need().feed(...args),
    takeDue: async (...args) => need().takeDue(...args),
    settle: async (...args) => need().settle(...args),
    lease: async (...args) => need().lease(...args),
    take: async (...args) => need().take(...args),
    position: async (...args) => need().position(...args),
    server: async scope => need().server(scope),
    apply: async (...args) => need().apply(...args),
    drop: async (...args) => need().drop(...args),
    scopes: async (...args) => need().scopes(...args),
    keeper: async () => need().keeper(),
    health: async () => store?.health() ?? { ok: false, reason },
    async close() {
      closing.abort();
      await going;
      await store?.close();
    },
  };
}
