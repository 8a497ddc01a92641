// The operator: follows the cluster, and as long as it leads keeps every object's workload and status as they should be.
import { sleep, type World } from '../../core/world.ts';
import { keepsState } from '../../resources/keeps-state.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import { type Listeners, publicAlone } from '../../resources/ownership/listeners.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { KubeClient } from '../api/kube-client.ts';
import type { KubeObject } from '../api/kube-object.ts';
import { createOutages, type Log, reasonOf } from '../api/outages.ts';
import {
  type CatalogHandlers,
  type Change,
  type ClusterCatalog,
  createClusterCatalog,
  type Verdicts,
} from '../catalog/cluster-catalog.ts';
import type { InternalListeners } from '../providers/internal-listeners.ts';
import type { FunctionProvider, ProviderName } from '../providers/provider.ts';
import { followUptakes } from '../uptake/follow-uptakes.ts';
import { type ElectionTimes, startElection } from './election.ts';
import { createCutover } from './function/cutover.ts';
import { createNeeds, type Needs } from './needs.ts';
import { reconcile } from './reconcile/reconcile.ts';
import type { TopicLog } from './reconcile/reconcile-context.ts';
import { createIdleTracker } from './sleep/idle-tracker.ts';
import type { OperatorStats } from './stats.ts';
import { isReady } from './status/status.ts';
import { startDiscovery } from './watch/discovery.ts';
import { createOwnWrites } from './watch/own-writes.ts';
import { createOwnedObjects } from './watch/owned-objects.ts';
import { followSettingsSources } from './watch/settings-sources.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

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
  /** Hosts and paths that the installation gives to namespaces, and which listeners serve whose routes; without it one serves all. */
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
  /** Why the disk cannot be used that the platform keeps everything on, where the operator runs in the same process; others say it in their Leases. */
  readonly disk?: (() => readonly string[]) | undefined;
  /** How long something outside the cluster may hold an object that is deleted; milliseconds. */
  readonly patienceMs?: number | undefined;
  /** Namespaces in which a changed Secret or ConfigMap restarts the Functions that name it. */
  readonly restartNamespaces?: readonly string[] | undefined;
  /** How long what ran a Function is kept after its status says that it is elsewhere; 10,000 milliseconds when left out. */
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
/** How often to look whether the disk fails. */
const DISK_EVERY_MS = 3_000;
const CONCURRENCY = 4;
const BACKOFF = { base: 250, max: 5 * 60_000 };

export function startOperator(options: OperatorOptions): Operator {
  const { client, world, log, identity, platformNamespace, namespaces, providers, times } = options;
  const { check = () => [], disk = () => [] } = options;
  const outages = createOutages(log);
  const stop = new AbortController();
  let catalog: ClusterCatalog | undefined;
  let needs: Needs = createNeeds(new Map());
  let verdicts: Verdicts = { inForce: new Map(), problems: new Map() };
  /** Undefined while this process does not lead. */
  let queue: WorkQueue | undefined;
  const ready = new Map<string, boolean>();
  /** Changed objects that wait for validation: the operator reports nothing about them before. */
  const unjudged = new Set<string>();
  const ownWrites = createOwnWrites(world);
  const idleTracker = createIdleTracker(world);
  const cutover = createCutover(world, options.cutoverMs);
  const counts = { reconciles: 0, failures: 0 };
  let listed = false;

  const seen = (key: string, object: KubeObject, change: Change) => {
    ownWrites.heardOf(object, change === 'removed');
    if (change === 'removed') {
      idleTracker.forget(key);
      cutover.forget(object.metadata.uid ?? '');
    }
    if (change === 'said') unjudged.add(key);
    else queue?.add(key);
    const now = change !== 'removed' && isReady(object);
    if (ready.get(key) === now) return;
    if (change === 'removed') ready.delete(key);
    else ready.set(key, now);
    for (const dependent of needs.dependentsOf(key)) queue?.add(dependent);
  };
  /** The verdict on one object may also change when others change. */
  const judged = (next: Verdicts) => {
    const changed = new Set([...unjudged, ...differing(verdicts, next)]);
    verdicts = next;
    needs = createNeeds(next.inForce);
    unjudged.clear();
    for (const key of changed) queue?.add(key);
  };

  const owned = createOwnedObjects({
    client,
    world,
    outages,
    namespaces,
    ownWrites,
    changed: key => queue?.add(key),
  });
  const discovery = startDiscovery({
    client,
    world,
    log,
    outages,
    providers,
    owned,
    namespaces,
    everyMs: options.discoverEveryMs,
    changed() {
      for (const [key, { kind }] of catalog?.objects ?? []) if (kind === 'Function') queue?.add(key);
    },
  });
  const settings = followSettingsSources({
    client,
    world,
    log,
    outages,
    namespaces: options.restartNamespaces ?? [],
    resources: () => verdicts.inForce.values(),
    changed: key => queue?.add(key),
  });
  const uptakes = followUptakes({
    client,
    world,
    outages,
    namespace: platformNamespace,
    objects: () => catalog?.objects ?? new Map(),
    changed: key => queue?.add(key),
  });
  const find = (key: string) => {
    const found = catalog?.objects.get(key);
    return found && { ...found, object: ownWrites.newest(found.object) };
  };

  async function begin(): Promise<void> {
    const handlers = { seen, judged };
    catalog = options.follow
      ? await options.follow(handlers, stop.signal)
      : await createClusterCatalog({
          client,
          world,
          outages,
          namespaces,
          assignments: options.assignments,
          listeners: options.routeListeners,
          signal: stop.signal,
          accept: candidate => ({ problems: check(candidate), commit() {} }),
          events: { accepted() {}, refused() {}, ...handlers },
        });
    await Promise.all([discovery.synced, settings.synced, uptakes.synced]);
    listed = true;
  }

  async function lead(signal: AbortSignal): Promise<void> {
    await synced;
    if (signal.aborted) return;
    const context = {
      client,
      world,
      log,
      instance: identity,
      platformNamespace,
      runtime: { image: options.functionImage, listeners: options.listeners },
      providers,
      idleTracker,
      cutover,
      available: discovery.available,
      preferred: options.provider,
      topics: options.topics,
      patienceMs: options.patienceMs,
      settingsVersionOf: settings.versionOf,
      seen: find,
      late: uptakes.late,
      disk: () => [...disk(), ...uptakes.disk()],
      wrote: ownWrites.wrote,
      verdicts: () => verdicts,
      needs: () => needs,
      listeners: options.routeListeners ?? publicAlone,
      ownedBy: owned.of,
      resourceOf: owned.resourceOf,
    };
    const working = createWorkQueue({
      world,
      concurrency: CONCURRENCY,
      backoff: BACKOFF,
      async work(key, ending) {
        if (unjudged.has(key)) return;
        counts.reconciles++;
        const lookAgain = await reconcile(context, key, AbortSignal.any([ending, signal]));
        if (lookAgain !== undefined) working.addAfter(key, lookAgain);
      },
      // One line per object until it succeeds; an outage of the server is logged once.
      failed(key, error, failures) {
        counts.failures++;
        if (failures === 1) log('warn', 'an object could not be reconciled', { object: key, reason: reasonOf(error) });
      },
    });
    queue = working;
    for (const key of catalog?.objects.keys() ?? []) working.add(key);
    await followDisk(working, signal);
    queue = undefined;
    await working.close();
  }

  /** Until `signal` aborts. */
  async function followDisk(working: WorkQueue, signal: AbortSignal): Promise<void> {
    for (let said = disk().join(); !signal.aborted; ) {
      await sleep(world, DISK_EVERY_MS, signal).catch(() => {});
      const now = disk().join();
      if (now === said || signal.aborted) continue;
      said = now;
      for (const [key, { kind }] of catalog?.objects ?? []) if (keepsState(kind)) working.add(key);
    }
  }

  const synced = begin();
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
    lead,
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
      queued: queue?.size ?? 0,
      objects: catalog?.objects.size ?? 0,
      invalid: [...verdicts.problems.values()].filter(problems => problems.some(({ severity }) => severity === 'error'))
        .length,
    }),
    async close() {
      stop.abort(new Error('The operator stops.'));
      await election.close();
      await Promise.all([discovery.close(), settings.close(), uptakes.close()]);
      await synced.catch(() => {});
      await Promise.all([catalog?.close(), owned.close()]);
    },
  };
}

/** Keys whose problems, or whose versions in force, differ. */
function differing(before: Verdicts, next: Verdicts): string[] {
  const keys = [before, next].flatMap(({ inForce, problems }) => [...inForce.keys(), ...problems.keys()]);
  return [...new Set(keys)].filter(
    key => before.inForce.get(key) !== next.inForce.get(key) || before.problems.get(key) !== next.problems.get(key),
  );
}
