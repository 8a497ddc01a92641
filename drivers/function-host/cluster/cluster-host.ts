// The function host of a cluster: nothing is started here; calls go to where each Function is.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionHost } from '../function-host.ts';
import { createUrlPool } from '../local/url-pool.ts';
import { probe as openConnection, type Probe } from '../probe.ts';
import { createPlacePool, type PlacePool, type WaitLimits } from './place-pool.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface ClusterHostOptions {
  readonly world: World;
  readonly whereabouts: Whereabouts;
  readonly probe?: Probe;
  readonly limits?: Partial<WaitLimits>;
}

/**
 * A pod may take two minutes to come up; a call that waits so long has lost
 * patience before, as a rule.
 */
const DEFAULT_LIMITS: WaitLimits = { maxWaiting: 1000, waitMs: 60_000 };

export function createClusterHost(options: ClusterHostOptions): FunctionHost {
  const { world, whereabouts, probe = openConnection } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const pools = new Map<string, { readonly asked: string; readonly pool: PlacePool }>();
  let closed = false;
  whereabouts.follow((namespace, name) => pools.get(`${namespace}/${name}`)?.pool.moved());

  const find = (namespace: string, name: string): PlacePool => {
    const pool = pools.get(`${namespace}/${name}`)?.pool;
    if (!pool) throw new TenfoldError('unknown-function', `No function ${name} in namespace ${namespace}.`);
    return pool;
  };
  const poolFor = (definition: FunctionDefinition, url: string | undefined): PlacePool =>
    url === undefined
      ? createPlacePool(definition, { world, whereabouts, probe, limits })
      : { ...createUrlPool(definition, url), moved() {}, close() {} };

  return {
    apply(definitions) {
      if (closed) return;
      const wanted = new Set(definitions.map(({ namespace, name }) => `${namespace}/${name}`));
      for (const [key, { pool }] of pools) {
        if (wanted.has(key)) continue;
        pools.delete(key);
        pool.close();
      }
      for (const definition of definitions) {
        const key = `${definition.namespace}/${definition.name}`;
        const url = definition.run.by === 'url' ? definition.run.url : undefined;
        const before = pools.get(key);
        // The settings that a pool knows; it learns all others elsewhere.
        const asked = `${url ?? ''} ${definition.health?.readyPath ?? ''}`;
        if (before?.asked === asked) continue;
        pools.set(key, { asked, pool: poolFor(definition, url) });
        before?.pool.close();
      }
    },
    tryAcquire: (namespace, name) => find(namespace, name).tryAcquire(),
    async acquire(namespace, name, signal) {
      for (;;) {
        const pool = find(namespace, name);
        try {
          return await pool.acquire(signal);
        } catch (error) {
          // It was replaced while the call waited: the call goes where the new one is.
          // One that is gone is not found any more.
          if (closed || find(namespace, name) === pool) throw error;
        }
      }
    },
    status: () => [...pools.values()].map(({ pool }) => pool.status()),
    async close() {
      closed = true;
      for (const { pool } of pools.values()) pool.close();
      pools.clear();
    },
  };
}
