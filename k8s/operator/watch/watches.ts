// Everything that the operator follows beside the objects of the ten kinds. Each watch queues the
// objects that a change concerns.
import type { World } from '../../../core/world.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import type { Log, Outages } from '../../api/outages.ts';
import type { FunctionProvider } from '../../providers/provider.ts';
import { followUptakes, type Uptakes } from '../../uptake/follow-uptakes.ts';
import type { ReconcileQueue } from '../reconcile-queue.ts';
import { type Discovery, startDiscovery } from './discovery.ts';
import type { ObservedObjects } from './observed-objects.ts';
import type { OwnWrites } from './own-writes.ts';
import { createOwnedObjects, type OwnedObjects } from './owned-objects.ts';
import { type FunctionPods, followPods } from './pods.ts';
import { followSettingsSources, type SettingsSources } from './settings-sources.ts';

export interface WatchesOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  readonly outages: Outages;
  readonly namespaces?: readonly string[] | undefined;
  readonly platformNamespace: string;
  readonly restartNamespaces?: readonly string[] | undefined;
  readonly providers: readonly FunctionProvider[];
  readonly discoverEveryMs?: number | undefined;
  readonly queue: ReconcileQueue;
  readonly objects: ObservedObjects;
  readonly ownWrites: OwnWrites;
}

export interface Watches {
  readonly owned: OwnedObjects;
  readonly discovery: Discovery;
  readonly pods: FunctionPods;
  readonly settings: SettingsSources;
  readonly uptakes: Uptakes;
  /** Resolves once everything was listed. */
  readonly synced: Promise<unknown>;
  close(): Promise<void>;
}

export function startWatches(options: WatchesOptions): Watches {
  const { client, world, log, outages, namespaces, queue, objects } = options;
  const site = { client, world, log, outages };
  const changed = (key: string) => queue.add(key);
  const owned = createOwnedObjects({ ...site, namespaces, ownWrites: options.ownWrites, changed });
  const discovery = startDiscovery({
    ...site,
    providers: options.providers,
    owned,
    namespaces,
    everyMs: options.discoverEveryMs,
    changed: () => queue.addAll(objects.keysOf(kind => kind === 'Function')),
  });
  const elsewhere = options.providers.flatMap(({ podsElsewhere }) => podsElsewhere ?? []);
  const pods = followPods({ ...site, namespaces, elsewhere, changed });
  const settings = followSettingsSources({
    ...site,
    namespaces: options.restartNamespaces ?? [],
    resources: () => objects.verdicts.inForce.values(),
    changed,
  });
  const uptakes = followUptakes({
    ...site,
    namespace: options.platformNamespace,
    objects: () => objects.all,
    changed,
  });
  const watches = [discovery, pods, settings, uptakes];
  return {
    owned,
    discovery,
    pods,
    settings,
    uptakes,
    get synced() {
      return Promise.all(watches.map(({ synced }) => synced));
    },
    async close() {
      await Promise.all(watches.map(watch => watch.close()));
      await owned.close();
    },
  };
}
