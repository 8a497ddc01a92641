// Which providers a cluster has: asked when we start and then now and again, since Knative
// may come or go at any time.
import { sleep, type World } from '../../../core/world.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import { isNotFound, KubeError } from '../../api/kube-error.ts';
import { type ApiResource, apiVersionOf, collectionPath } from '../../api/kube-object.ts';
import type { Log, Outages } from '../../api/outages.ts';
import type { FunctionProvider } from '../../providers/provider.ts';
import type { Following, OwnedObjects } from './owned-objects.ts';

export interface DiscoveryOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  readonly outages: Outages;
  readonly providers: readonly FunctionProvider[];
  readonly owned: OwnedObjects;
  readonly namespaces?: readonly string[] | undefined;
  readonly everyMs?: number | undefined;
  /** Others are there than before. */
  changed(): void;
}

export interface Discovery {
  /**
   * Resolves once it was asked for the first time, and the objects of those
   * that are there were listed.
   */
  readonly synced: Promise<void>;
  /** The providers that the cluster has, in the order in which they were given. */
  available(): readonly FunctionProvider[];
  close(): Promise<void>;
}

const EVERY_MS = 60_000;
const RETRY_MS = 2000;
/**
 * An API server that has just started may not serve everything yet, and nothing must move for that.
 */
const GONE_AFTER_LOOKS = 3;
const WHO = 'providers of Functions';

export function startDiscovery(options: DiscoveryOptions): Discovery {
  const { client, world, log, outages, providers, owned, namespaces, everyMs = EVERY_MS, changed } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const there = new Map<FunctionProvider, { readonly following: Following; missed: number }>();
  const forbidden = new Set<FunctionProvider>();
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {});

  async function isServed({ needs }: FunctionProvider): Promise<boolean> {
    if (!needs) return true;
    try {
      await client.call('GET', `/apis/${apiVersionOf(needs)}`, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /**
   * Without the right to follow its objects a provider counts as missing; waiting for that right
   * would stop everything else.
   */
  async function mayFollow(provider: FunctionProvider, resources: readonly ApiResource[]): Promise<boolean> {
    if (!provider.needs) return true;
    try {
      for (const resource of resources)
        await client.call('GET', collectionPath(resource, namespaces?.[0]), { query: { limit: 1 }, signal });
      forbidden.delete(provider);
      return true;
    } catch (error) {
      if (!(error instanceof KubeError) || error.httpStatus !== 403) throw error;
      if (!forbidden.has(provider))
        log('warn', 'a provider is there and may not be used', { provider: provider.name, reason: error.message });
      forbidden.add(provider);
      return false;
    }
  }

  /** Answers whether others are there now. */
  async function lookFor(provider: FunctionProvider): Promise<boolean> {
    const known = there.get(provider);
    const resources = [...provider.resources, ...provider.looksAt];
    const served = await isServed(provider);
    if (served) {
      if (known) {
        known.missed = 0;
        return false;
      }
      if (!(await mayFollow(provider, resources))) return false;
      const following = owned.follow(resources);
      await following.synced;
      there.set(provider, { following, missed: 0 });
      if (provider.needs) log('info', 'a provider is there', { provider: provider.name });
      return true;
    }
    if (!known || ++known.missed < GONE_AFTER_LOOKS) return false;
    there.delete(provider);
    await known.following.close();
    log('warn', 'a provider is gone', { provider: provider.name });
    return true;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        let differs = false;
        for (const provider of providers) differs = (await lookFor(provider)) || differs;
        outages.recovered(WHO);
        synced.resolve();
        if (differs && !signal.aborted) changed();
        await sleep(world, everyMs, signal).catch(() => {});
      } catch (error) {
        if (signal.aborted) return;
        outages.failed(WHO, error);
        await outages.pause(WHO, world, RETRY_MS, signal);
      }
    }
  }

  const running = run().finally(() => synced.reject(new Error('The operator stops.')));
  return {
    synced: synced.promise,
    available: () => providers.filter(one => there.has(one)),
    async close() {
      stop.abort();
      // Listings that are under way end with it.
      await owned.close();
      await running;
    },
  };
}
