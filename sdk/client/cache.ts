// The cache of a context: each method is one request at the cache endpoint, and `getOrSet` two.
import type { Cache, CacheGetOrSetOptions } from '../cache.ts';
import type { CallOptions } from '../call-options.ts';
import type { Logger } from '../context.ts';
import { CacheRequests, type CacheTurn } from './cache-requests.ts';
import type { CallScope } from './call-endpoint.ts';
import { InvokeError } from './invoke-error.ts';

export function createCache(scope: CallScope, logger: () => Logger): Cache {
  const requests = new CacheRequests(scope);

  /** The cache is a help: when it does not answer, its callers do their work without it. */
  async function attempt<T>(what: string, key: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InvokeError) || isOurFault(error)) throw error;
      logger().warn(`The cache ${what}.`, { key, error });
      return otherwise;
    }
  }

  async function getOrSet<Value>(
    key: string,
    options: CacheGetOrSetOptions,
    load: () => Value | Promise<Value>,
  ): Promise<Value> {
    const turn = await attempt<CacheTurn>('cannot be asked', key, () => requests.takeTurn(key, options), {
      kind: 'alone',
    });
    // The caller that names the type answers for the value under the key.
    if (turn.kind === 'value') return turn.value as Value;
    if (turn.kind === 'alone') return load();
    const { token, stale } = turn;
    const give = () => attempt('could not be told', key, () => requests.release(key, token), undefined);
    let value: Value;
    try {
      value = await load();
    } catch (error) {
      await give().catch(() => {});
      if (stale === undefined) throw error;
      logger().warn('The value in the cache stands in: making a new one failed.', { key, error });
      return stale.value as Value;
    }
    if (value === undefined) await give();
    else await attempt('could not be filled', key, () => requests.fill(key, token, value, options), undefined);
    return value;
  }

  return {
    get: async <Value>(key: string, options?: CallOptions) =>
      (await requests.read(key, options))?.value as Value | undefined,
    read: ((key, options) => requests.read(key, options)) as Cache['read'],
    set: (key, value, options) => requests.set(key, value, options),
    delete: (key, options) => requests.remove(key, options),
    getOrSet,
    purge: (tags, options = {}) => requests.purge([tags].flat(), options),
  };
}

/**
 * The endpoint has understood the request and refuses it: a fault that must not pass in silence.
 */
function isOurFault({ status }: InvokeError): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 413, 425, 429].includes(status);
}
