// The operator: follows the cluster, and as long as it leads keeps every object's workload and
// status as they should be.
import type { World } from '../../core/world.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import { type Listeners, publicAlone } from '../../resources/ownership/listeners.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { createOutages, type Log, type Outages, reasonOf } from '../api/outages.ts';
import { type CatalogHandlers, type ClusterCatalog, createClusterCatalog } from '../catalog/cluster-catalog.ts';
import type { InternalListeners } from '../providers/internal-listeners.ts';
import type { FunctionProvider, ProviderName } from '../providers/provider.ts';
import { type ElectionTimes, startElection } from './election.ts';
import { createCutover } from './function/cutover.ts';
import { lead } from './lead.ts';
import type { ReconcileContext, TopicLog } from './reconcile/reconcile-context.ts';
import { ReconcileQueue } from './reconcile-queue.ts';
import { createIdleTracker } from './sleep/idle-tracker.ts';
import type { OperatorStats } from './stats.ts';
import { ObservedObjects } from './watch/observed-objects.ts';
import { createOwnWrites, type OwnWrites } from './watch/own-writes.ts';
import { startWatches, type Watches } from './watch/watches.ts';

export interface OperatorOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  /** Unique for each process. */
  readonly identity: string;
  /** Namespace of the platform: its Lease is there, and its pods may call private Functions. */
  readonly platformNamespace: string;
  /** All when it is left out. */
  readonly namespaces?: readonly string[] | undefined;
  /**
   * Hosts and paths that the installation gives to namespaces, and which listeners serve whose
   * routes; without it one serves all.
   */
  readonly assignments?: readonly Assignment[] | undefined;
  readonly routeListeners?: Listeners | undefined;
  /** The best first; each is used where the cluster has it. */
  readonly providers: readonly FunctionProvider[];
  /** Image that Functions with a `source` run in; without it they do not run. */
  readonly functionImage?: string | undefined;
  /** How Functions reach the internal listener; they reach nothing without it. */
  readonly listeners?: InternalListeners | undefined;
  /** A catalog that another part follows as well, instead of one of its own. */
  readonly follow?: ((handlers: CatalogHandlers, signal: AbortSignal) => Promise<ClusterCatalog>) | undefined;
  /** The provider of Functions that ask for none; without it the best one that there is. */
  readonly provider?: ProviderName | undefined;
  /** Kafka, where topics are made and grown by the operator. */
  readonly topics?: TopicLog | undefined;
  /**
   * Why the disk cannot be used that the platform keeps everything on, where the operator runs in
   * the same process; others say it in their Leases.
   */
  readonly disk?: (() => readonly string[]) | undefined;
  /** How long something outside the cluster may hold an object that is deleted; milliseconds. */
  readonly patienceMs?: number | undefined;
  /** Namespaces in which a changed Secret or ConfigMap restarts the Functions that name it. */
  readonly restartNamespaces?: readonly string[] | undefined;
  /** Names of the labels of a Function that its pods get. */
  readonly functionLabels?: readonly string[] | undefined;
  /**
   * How long what ran a Function is kept after its status says that it is elsewhere; 10,000
   * milliseconds when left out.
   */
  readonly cutoverMs?: number | undefined;
  /** How often to look which providers are there; milliseconds. */
  readonly discoverEveryMs?: number | undefined;
  /** Further checks besides validation, such as whether resources compile. */
  readonly check?: (resources: ResourceSet) => readonly ResourceProblem[];
  readonly times?: ElectionTimes;
}

export interface Operator {
  /** Resolves once everything was listed. */
  readonly synced: Promise<void>;
  readonly isLeader: boolean;
  stats(): OperatorStats;
  close(): Promise<void>;
}

const LEASE = 'tenfold-operator';

export function startOperator(options: OperatorOptions): Operator {
  const { client, world, log, identity, platformNamespace, times } = options;
  const stop = new AbortController();
  const outages = createOutages(log);
  const counts = { reconciles: 0, failures: 0 };
  const queue = new ReconcileQueue();
  const ownWrites = createOwnWrites(world);
  const idleTracker = createIdleTracker(world);
  const cutover = createCutover(world, options.cutoverMs);
  const objects = new ObservedObjects({
    queue,
    ownWrites,
    removed(key, uid) {
      idleTracker.forget(key);
      cutover.forget(uid);
    },
  });
  const watches = startWatches({ ...options, outages, queue, objects, ownWrites });
  const disk = options.disk ?? (() => []);
  const context = toContext(options, { objects, watches, ownWrites, idleTracker, cutover, disk });

  const following = followCatalog(options, outages, objects.handlers, stop.signal);
  let listed = false;
  const synced = (async () => {
    objects.complete(await following);
    await watches.synced;
    listed = true;
  })();
  // Waiting callers get the error; a stop while starting is no fault.
  synced.catch(error => {
    if (!stop.signal.aborted) log('error', 'the cluster cannot be followed', { reason: reasonOf(error) });
  });
  const election = startElection({
    client,
    world,
    log,
    namespace: platformNamespace,
    name: LEASE,
    identity,
    able: synced,
    lead: signal => lead({ context, queue, objects, counts, disk }, signal),
    ...(times ? { times } : {}),
  });
  return {
    synced,
    get isLeader() {
      return election.isLeader;
    },
    stats: () => ({
      ...counts,
      leader: election.isLeader,
      synced: listed,
      queued: queue.size,
      objects: objects.all.size,
      invalid: objects.invalid,
    }),
    async close() {
      stop.abort(new Error('The operator stops.'));
      await election.close();
      await watches.close();
      await (await following.catch(() => undefined))?.close();
    },
  };
}

/** Resolves once the catalog has listed everything: that of another part, or one of its own. */
function followCatalog(
  options: OperatorOptions,
  outages: Outages,
  handlers: CatalogHandlers,
  signal: AbortSignal,
): Promise<ClusterCatalog> {
  const { client, world, namespaces, assignments, routeListeners, follow, check = () => [] } = options;
  if (follow) return follow(handlers, signal);
  return createClusterCatalog({
    client,
    world,
    outages,
    namespaces,
    assignments,
    listeners: routeListeners,
    signal,
    accept: candidate => ({ problems: check(candidate), commit() {} }),
    events: { accepted() {}, refused() {}, ...handlers },
  });
}

interface Observed extends Pick<ReconcileContext, 'idleTracker' | 'cutover'> {
  readonly objects: ObservedObjects;
  readonly watches: Watches;
  readonly ownWrites: OwnWrites;
  disk(): readonly string[];
}

function toContext(options: OperatorOptions, observed: Observed): ReconcileContext {
  const { client, world, log, platformNamespace, providers, topics, patienceMs } = options;
  const { objects, watches, ownWrites, idleTracker, cutover, disk } = observed;
  const { owned, discovery, pods, settings, uptakes } = watches;
  return {
    client,
    world,
    log,
    instance: options.identity,
    platformNamespace,
    runtime: { image: options.functionImage, listeners: options.listeners },
    functionLabels: options.functionLabels ?? [],
    providers,
    idleTracker,
    cutover,
    available: discovery.available,
    preferred: options.provider,
    topics,
    patienceMs,
    settingsVersionOf: settings.versionOf,
    seen: key => objects.find(key),
    late: uptakes.late,
    disk: () => [...disk(), ...uptakes.disk()],
    wrote: ownWrites.wrote,
    verdicts: () => objects.verdicts,
    needs: () => objects.needs,
    listeners: options.routeListeners ?? publicAlone,
    ownedBy: owned.of,
    podsOf: pods.of,
    resourceOf: owned.resourceOf,
  };
}
