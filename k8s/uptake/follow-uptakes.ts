// Which gateways and workers there are, as they say themselves, which of them have not taken up the
// newest version of an object, and whose disk fails.
import type { Timer, World } from '../../core/world.ts';
import { keepsState } from '../../resources/keeps-state.ts';
import { startInformer } from '../api/informer.ts';
import type { KubeClient } from '../api/kube-client.ts';
import type { KubeObject } from '../api/kube-object.ts';
import { LEASES } from '../api/leases.ts';
import type { Outages } from '../api/outages.ts';
import type { SeenObject } from '../catalog/cluster-catalog.ts';
import { hasTakenUp, toUptake, UPTAKE_LABEL, type Uptake, versionMarkOf } from './uptake-lease.ts';

export interface Late {
  /** Names of the processes that have not taken it up, and how many there are in all. */
  readonly names: readonly string[];
  readonly of: number;
  /** The reason that the first of them gives, if any. */
  readonly why: string | undefined;
  /** How long ago that was first seen of this version. */
  readonly forMs: number;
}

export interface Uptakes {
  /** Resolves once all were listed. */
  readonly synced: Promise<void>;
  /** Why the disk of one of them cannot be used that it keeps everything on, one sentence each. */
  disk(): readonly string[];
  /** Undefined when all that serve the object have taken it up, or when there is none. */
  late(key: string, seen: SeenObject): Late | undefined;
  close(): Promise<void>;
}

export interface UptakesOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly outages: Outages;
  /** Of the platform. */
  readonly namespace: string;
  objects(): ReadonlyMap<string, SeenObject>;
  /**
   * Another process is late with the object, or one less; or its disk, on which the object keeps
   * something, is other than it was.
   */
  changed(key: string): void;
}

export function followUptakes({ client, world, outages, namespace, objects, changed }: UptakesOptions): Uptakes {
  const uptakes = new Map<string, Uptake>();
  const ends = new Map<string, Timer>();
  const lateSince = new Map<string, { readonly mark: string; readonly at: number }>();

  const put = (name: string, now: Uptake | undefined) => {
    const before = uptakes.get(name);
    if (now) uptakes.set(name, now);
    else uptakes.delete(name);
    if (before?.text === now?.text) return;
    const otherDisk = (before?.disk ?? []).join('\n') !== (now?.disk ?? []).join('\n');
    for (const [key, { kind, object }] of objects()) {
      const mark = versionMarkOf(object);
      const isLate = (one: Uptake | undefined) => one !== undefined && !hasTakenUp(one, object, mark);
      const refusal = (one: Uptake | undefined) => one?.refused.get(mark);
      const other = isLate(before) !== isLate(now) || refusal(before) !== refusal(now);
      if (other || (otherDisk && keepsState(kind))) changed(key);
    }
  };
  /**
   * It goes by our own clock: those of other machines may differ. A process that is silent for so
   * long is not waited for.
   */
  const watchOver = (name: string, now: Uptake | undefined) => {
    ends.get(name)?.cancel();
    ends.delete(name);
    if (now)
      ends.set(
        name,
        world.after(now.leaseMs, () => put(name, undefined)),
      );
  };
  const informer = startInformer({
    client,
    world,
    outages,
    resource: LEASES,
    namespace,
    labelSelector: `${UPTAKE_LABEL}=true`,
    events: {
      upsert(lease: KubeObject) {
        const { name } = lease.metadata;
        const now = toUptake(lease);
        watchOver(name, now);
        put(name, now);
      },
      remove({ metadata: { name } }: KubeObject) {
        watchOver(name, undefined);
        put(name, undefined);
      },
    },
  });
  return {
    synced: informer.synced,
    disk: () => [...new Set([...uptakes.values()].flatMap(({ disk }) => disk))],
    late(key, { object }) {
      const mark = versionMarkOf(object);
      const names = [...uptakes].filter(([, one]) => !hasTakenUp(one, object, mark));
      if (names.length === 0) return void lateSince.delete(key);
      const before = lateSince.get(key);
      const at = before?.mark === mark ? before.at : world.monotonic();
      lateSince.set(key, { mark, at });
      const sorted = names.toSorted(([one], [other]) => (one < other ? -1 : 1));
      return {
        names: sorted.map(([name]) => name),
        of: uptakes.size,
        why: sorted.map(([, { refused }]) => refused.get(mark)).find(reason => reason !== undefined),
        forMs: world.monotonic() - at,
      };
    },
    async close() {
      for (const timer of ends.values()) timer.cancel();
      await informer.close();
    },
  };
}
