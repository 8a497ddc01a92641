// A cluster as a gateway or worker sees it: the resources in force, and
// where each Function is called.
import type { World } from '../../core/world.ts';
import type { Acceptor, CatalogEvents } from '../../resources/catalog/catalog.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import { resourceKey } from '../../resources/resource.ts';
import type { KubeClient } from '../api/kube-client.ts';
import type { KubeObject } from '../api/kube-object.ts';
import { createOutages, type Log } from '../api/outages.ts';
import {
  type CatalogHandlers,
  type Change,
  type ClusterCatalog,
  createClusterCatalog,
  type SeenObject,
} from '../catalog/cluster-catalog.ts';
import { originFileOf } from '../catalog/to-resource.ts';
import type { UptakeReports } from '../uptake/uptake-reports.ts';
import { createCallReports } from './call-reports.ts';
import { createInstanceFollower, type Instance } from './follow-instances.ts';
import { createOutlierReports } from './outlier-reports.ts';
import { type Place, placeOf, serviceOf } from './place-of.ts';
import { reportedStatusOf } from './status-of.ts';

export interface ClusterSourceOptions {
  readonly world: World;
  readonly client: KubeClient;
  readonly log: Log;
  /** All when it is left out. */
  readonly namespaces?: readonly string[] | undefined;
  /** Hosts and paths that the installation gives to namespaces. */
  readonly assignments?: readonly Assignment[] | undefined;
  /** Which namespaces' routes meet; without it those of all. */
  readonly listeners?: Listeners | undefined;
  /** Gets the versions in force; not needed where the operator follows the same objects. */
  readonly uptake?: UptakeReports | undefined;
  /**
   * Whether instances are called at their own addresses while they change; so
   * it is when it is left out.
   */
  readonly callInstances?: boolean | undefined;
}

export interface OpenOptions {
  readonly accept: Acceptor;
  readonly events: CatalogEvents;
  readonly signal: AbortSignal | undefined;
}

export function createClusterSource(options: ClusterSourceOptions) {
  const { world, client, log, namespaces, assignments, listeners, uptake, callInstances = true } = options;
  const outages = createOutages(log);
  const places = new Map<string, { readonly object: KubeObject; readonly place: Place }>();
  const unknown = placeOf(undefined);
  const gone: Place = { state: 'gone' };
  const reports = createCallReports(world, client, log);
  const outliers = createOutlierReports(world, client, log);
  const instances = createInstanceFollower(world, client, log);
  const followers: Partial<CatalogHandlers>[] = [];
  let current: ClusterCatalog | undefined;
  const opened = Promise.withResolvers<ClusterCatalog>();
  opened.promise.catch(() => {});
  let moved: (namespace: string, name: string) => void = () => {};

  const seen = (key: string, object: KubeObject, change: Change) => {
    if (object.kind !== 'Function') return;
    const { namespace = 'default', name } = object.metadata;
    reports.saw(key, change === 'removed' ? undefined : object);
    if (change === 'removed') places.delete(key);
    else {
      const place = placeOf(object);
      const before = places.get(key)?.place;
      places.set(key, { object, place: before && samePlace(before, place) ? before : place });
    }
    moved(namespace, name);
  };
  const judged = () => {
    if (current) uptake?.took(current);
  };
  followers.push({ seen, judged });

  const placeAt = (namespace: string, name: string): Place =>
    // Before all objects were listed, it may exist all the same.
    places.get(resourceKey('Function', namespace, name))?.place ?? (current ? gone : unknown);

  return {
    whereabouts: {
      of: placeAt,
      called: (namespace: string, name: string) => reports.called(`Function/${namespace}/${name}`),
      unresponsive: outliers.found,
      follow(changed: (namespace: string, name: string) => void): void {
        moved = changed;
      },
      followInstances(namespace: string, name: string, told: (all: readonly Instance[]) => void) {
        const service = callInstances ? serviceOf(placeAt(namespace, name), namespace, name) : undefined;
        return service === undefined ? undefined : instances.follow(namespace, service, told);
      },
    },
    async open({ accept, events, signal }: OpenOptions): Promise<ClusterCatalog> {
      const all: CatalogHandlers = {
        seen: (...change) => followers.forEach(one => void one.seen?.(...change)),
        judged: verdicts => followers.forEach(one => void one.judged?.(verdicts)),
      };
      try {
        const given = {
          client,
          world,
          outages,
          namespaces,
          assignments,
          listeners,
          accept,
          signal,
          events: { ...events, ...all },
        };
        const catalog = await createClusterCatalog(given);
        current = catalog;
        judged();
        opened.resolve(catalog);
        return catalog;
      } catch (error) {
        opened.reject(error);
        throw error;
      }
    },
    /**
     * For an operator that follows the same objects. Must be called before it is opened; resolves
     * once it is, rejects when `signal` aborts before.
     */
    follow(handlers: CatalogHandlers, signal: AbortSignal): Promise<ClusterCatalog> {
      followers.push(handlers);
      const stopped = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
      return Promise.race([opened.promise, stopped]);
    },
    statusOf: (kind: string, namespace: string, name: string) =>
      reportedStatusOf(current?.objects.get(`${kind}/${namespace}/${name}`)?.object),
    notInForce: () => (current === undefined ? [] : notInForce(current)),
    /** By key; empty before it is opened. */
    objects: (): ReadonlyMap<string, SeenObject> => current?.objects ?? new Map(),
    close: () => Promise.all([reports.close(), outliers.close(), instances.close(), uptake?.close()]),
    reasons(): readonly string[] {
      const rest = outages.reason === undefined ? '' : ` It cannot be reached: ${outages.reason}`;
      return [`The API server has not listed all resources yet.${rest}`];
    },
  };
}

function notInForce({ objects, verdicts }: ClusterCatalog) {
  return [...objects].flatMap(([key, { kind, object }]) => {
    if (verdicts.inForce.has(key)) return [];
    const { name, namespace = '' } = object.metadata;
    const { status: _, ...manifest } = object;
    return [
      { kind, namespace, name, origin: { file: originFileOf(kind, namespace, name), line: 1, column: 1 }, manifest },
    ];
  });
}

function samePlace(one: Place, other: Place): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
