// Composes a platform in this process: catalog, functions, listeners of the gateway, admin API.
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { createAdminServer } from '../admin/admin-server.ts';
import { noBackup } from '../admin/backup-view.ts';
import type { Addresses, OwnAddresses, PlatformView } from '../admin/platform-view.ts';
import { closeServer, listen } from '../core/http/http-server.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import { realWorld, sleep } from '../core/world.ts';
import { createClusterHost } from '../drivers/function-host/cluster/cluster-host.ts';
import type { PlanEnvironment } from '../gateway/compile/plan-environment.ts';
import { createCallerKeys } from '../gateway/listeners/caller-keys.ts';
import { withTokens } from '../gateway/listeners/callers.ts';
import { createPlanStateStore } from '../gateway/plan/plan-state.ts';
import { checkNever, createAddressCheck } from '../gateway/transport/address-policy.ts';
import { createCallbackCheck } from '../gateway/transport/callback-policy.ts';
import { createTransport } from '../gateway/transport/create-transport.ts';
import type { Catalog, CatalogEvents } from '../resources/catalog/catalog.ts';
import { createFileCatalog } from '../resources/catalog/file-catalog.ts';
import { PUBLIC, publicAlone } from '../resources/ownership/listeners.ts';
import type { ResourceSet } from '../resources/resource-set.ts';
import { createPolicyControl } from './admin/policy-control.ts';
import { createReadiness } from './admin/readiness.ts';
import { explainAt } from './admin/route-explanation.ts';
import { toRouteView } from './admin/route-view.ts';
import { toStranglerControl } from './admin/strangler-control.ts';
import { withReplicas } from './admin/with-replicas.ts';
import { createAnnouncement, toState } from './announcement.ts';
import { createBackup } from './backup/make-backup.ts';
import { noFiles } from './cluster/cluster-source.ts';
import { endpointsOf } from './events/event-endpoints-of.ts';
import { runEvents } from './events/run-events.ts';
import { toClusterDefinitions, toFunctionDefinitions } from './functions/function-definitions.ts';
import { createLocalFunctions } from './functions/local-functions.ts';
import { createLocalSecrets, secretsBesides } from './functions/local-secrets.ts';
import { openInternalListener, openPublicListener, openTeamListener } from './listeners/open-listeners.ts';
import { toRequestEntry } from './listeners/request-entry.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createObjects } from './objects/create-objects.ts';
import { createPlanInForce } from './plan-in-force.ts';
import type { GatewayLogEntry } from './platform-events.ts';
import type { Platform, PlatformOptions } from './platform-options.ts';
import { createShared } from './shared/shared.ts';
import { createSharedBudgets } from './shared/shared-budgets.ts';
import { createShutdown } from './shutdown.ts';
import { createSql } from './sql/create-sql.ts';
import { STATE_FOLDER } from './state-file.ts';
import { openSharedStorage, openStorage } from './storage/open-storage.ts';
import { packageVersion } from './version.ts';

export type { Platform };

/** How long the start waits for topics and dispatchers. */
const SETTLE_MS = 5_000;

/** Starts everything or, when a port cannot be had or `signal` aborts before anything works, nothing. Invalid resources are no reason not to start: see `view.catalog`. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { events } = options;
  const hostOf = (listener: keyof OwnAddresses) => options.hosts?.[listener] ?? options.host;
  const world = realWorld;
  const directory = resolve(options.directory);
  const startedAt = world.now();
  const { role = 'serve', cluster, adminHosts = [], listeners = publicAlone, listenerPlaces = [] } = options;
  const shutdown = createShutdown(world, error =>
    events.gatewayLog?.({
      level: 'warn',
      message: 'a part did not end as it should; the others are ended all the same',
      fields: { reason: error instanceof Error ? error.stack : String(error) },
    }),
  );
  try {
    return await open();
  } catch (error) {
    await shutdown.run(0);
    throw error;
  }

  function unlessStopped<T>(work: Promise<T>): Promise<T> {
    return options.signal ? unlessAborted(work, options.signal) : work;
  }

  /** Opening takes as long as services are silent: a storage that opens after a stop is closed. */
  function endedUnlessStopped<T extends { close(): Promise<void> } | undefined>(opening: Promise<T>): Promise<T> {
    return unlessStopped(opening).catch(error => {
      opening.then(late => late?.close()).catch(() => {});
      throw error;
    });
  }

  async function open(): Promise<Platform> {
    const adminToken = options.adminToken ?? randomBytes(24).toString('base64url');
    const keys = createCallerKeys(options.internalSecret ?? randomBytes(32).toString('base64url'));
    const checkAddress = createAddressCheck({
      allowLoopback: options.allowLoopback ?? cluster === undefined,
      own: Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
      apiServer: cluster?.apiServer,
      allowed: options.allowedAddresses,
    });
    const transport = createTransport({
      checkAddress,
      // The same as the default of `timeouts.connect`, so that routes share connections.
      connectTimeoutMs: 2_000,
    });
    shutdown.add(() => transport.destroy());
    const checkCallback = createCallbackCheck(checkAddress, checkNever, options.callbackHosts ?? []);
    const callbacks = createTransport({ checkAddress: checkCallback, connectTimeoutMs: 2_000 });
    shutdown.add(() => callbacks.destroy());
    const log = (entry: GatewayLogEntry) => events.gatewayLog?.(entry);
    // A process in a pod writes no state file: no command reads it there.
    const announcement = createAnnouncement(directory, cluster ? () => {} : log);
    let addresses: Addresses = { public: '', internal: '', admin: '' };
    let catalog: Catalog | undefined;
    const functions = cluster
      ? createClusterHost({ world, whereabouts: cluster.whereabouts })
      : createLocalFunctions(options, directory, namespace => ({
          TENFOLD_INTERNAL_URL: options.internalUrl ?? addresses.internal,
          TENFOLD_INTERNAL_KEY: keys.keyFor(namespace),
        }));
    shutdown.add(graceMs => functions.close(graceMs));

    const planState = createPlanStateStore();
    shutdown.add(async () => planState.close());
    const { services, dataDirectory: data } = options;
    const folder = data ?? join(directory, STATE_FOLDER, 'data');
    const opened = () =>
      role === 'serve' ? openStorage(world, folder, services, log) : openSharedStorage(world, data, services, log);
    const storage = options.storage ?? (await endedUnlessStopped(opened()));
    shutdown.add(async () => (options.storage ? undefined : storage?.close()));
    const budgets = createSharedBudgets(world, storage, log);
    shutdown.add(async () => budgets?.close(1_000));
    const shared = createShared({ world, storage, directory, log, forget: query => inForce.forget(query) });
    shutdown.add(graceMs => shared.close(graceMs));
    const { switches } = shared;
    const served = storage && endpointsOf({ world, storage, shared, checkCallback, consumers: () => plane.consumers });
    const secrets = cluster?.secrets ?? createLocalSecrets(directory);
    const define = (candidate: ResourceSet) =>
      cluster ? toClusterDefinitions(candidate) : toFunctionDefinitions(candidate, process.env, secrets);
    const environment: PlanEnvironment = {
      world,
      host: functions,
      transport,
      secrets,
      switches,
      evidence: role === 'worker' ? undefined : shared.evidence,
      log: (level, message, fields) => log({ level, message, fields }),
      endpoints: served,
      budgets,
      buckets: budgets && storage?.store,
      readText: cluster && noFiles,
      assignments: cluster?.assignments,
      listeners,
      get syncs() {
        return plane.syncs;
      },
    };
    const plane = runEvents({
      world,
      storage,
      folder,
      shared,
      environment,
      callbacks,
      works: role !== 'gateway',
      cluster: cluster !== undefined,
      current: () => inForce,
    });
    const inForce = createPlanInForce({ environment, functions, define, state: planState, events: plane });
    let closing = false;
    const drains: (() => void)[] = [];

    const instruments = () => inForce.instruments;
    const serving = () => served;
    const kafka = storage?.kafkaCounts;
    const usable = () => storage?.services() ?? [];
    const disk = () => storage?.disk();
    const objects = createObjects({ world, storage, plan: () => plane.plan, scrubs: role !== 'gateway', log });
    shutdown.add(() => objects.close());
    const stranglers = toStranglerControl(() => inForce.facades);
    const all = [instruments, plane, serving, kafka, usable, disk, objects.control.report, stranglers.list] as const;
    const metrics = createMetrics(packageVersion, () => functions.status(), ...all);
    const view: PlatformView = {
      version: packageVersion,
      startedAt,
      catalog: {
        get current() {
          return catalog?.current;
        },
        get problems() {
          return catalog?.problems ?? [];
        },
      },
      addresses: () => addresses,
      readiness: createReadiness({
        role,
        own() {
          if (closing) return ['The platform is shutting down.'];
          if (cluster && !catalog) return cluster.reasons();
          if (!catalog?.current) return ['No valid resources have been loaded yet; the problems say why.'];
          return role !== 'worker' && addresses.public === '' ? ['The public listener does not listen yet.'] : [];
        },
        shared: () => [...(storage?.reasons() ?? []), ...plane.reasons()],
        disk: () => storage?.diskReasons() ?? [],
      }),
      disk: () => storage?.diskReasons() ?? [],
      functions: () => withReplicas(functions.status(), cluster?.statusOf),
      ...(cluster && { statusOf: cluster.statusOf, notInForce: cluster.notInForce }),
      routes: () => inForce.routes.map(route => toRouteView(route, listeners)),
      // A worker has no listener, but the same routes.
      explain: request => explainAt(listeners, inForce.need, addresses, request),
      stranglers,
      policies: createPolicyControl(() => inForce.instruments, shared.purge),
      events: plane.control,
      sql: createSql(world, storage, () => plane.plan),
      objects: objects.control,
      backup: storage?.backup ? createBackup(world, packageVersion, storage.backup) : noBackup,
      metrics: async () => (await metrics.text()) + (cluster?.metrics() ?? ''),
    };
    const admin = createAdminServer(view, { token: adminToken, allowedHosts: [hostOf('admin'), ...adminHosts] });
    addresses = { ...addresses, admin: await listen(admin, hostOf('admin'), options.ports.admin) };
    shutdown.add(graceMs => closeServer(admin, world, graceMs));

    const answered: typeof metrics.answered = entry => {
      metrics.answered(entry);
      if (entry.listener !== 'internal' && entry.logged) events.request?.(toRequestEntry(entry));
    };
    const common = (listener: 'public' | 'internal') => {
      const connections = { limits: options.connections?.[listener], counts: metrics.connections(listener) };
      return { world, host: hostOf(listener), port: options.ports[listener], inForce, answered, connections } as const;
    };
    if (role !== 'worker') {
      const opened = await openInternalListener({ ...common('internal'), callers: withTokens(keys, cluster?.callers) });
      drains.push(opened.drain);
      addresses = { ...addresses, internal: opened.address };
      shutdown.add(graceMs => opened.close(graceMs));
    }
    // Closes before the listeners that its functions call.
    shutdown.add(graceMs => plane.close(graceMs));

    await unlessStopped(Promise.all([shared.load(), plane.load()]));
    const followed: CatalogEvents = {
      accepted(snapshot) {
        announce();
        events.accepted?.(snapshot);
      },
      refused: problems => events.refused?.(problems),
    };
    const { accept } = inForce;
    catalog = cluster
      ? await cluster.open({ accept, events: followed, signal: options.signal })
      : await createFileCatalog({
          world,
          directory,
          watch: options.watch,
          listeners,
          besides: options.watch ? secretsBesides(directory) : undefined,
          accept,
          events: followed,
        });
    shutdown.add(async () => catalog?.close());
    // The first request finds its topics; a log that cannot make them must not delay the rest.
    await Promise.race([plane.settled(), sleep(world, SETTLE_MS, options.signal).catch(() => {})]);

    if (role !== 'worker') {
      const { trustedProxies = [], certificate } = options;
      for (const place of listenerPlaces) {
        const counts = metrics.connections(place.name);
        const opened = await openTeamListener({ ...common('public'), log }, counts, options.host, place);
        drains.push(opened.drain);
        shutdown.add(graceMs => opened.close(graceMs));
        addresses = { ...addresses, listeners: { ...addresses.listeners, [place.name]: opened.address } };
      }
      const opened = await openPublicListener({ ...common('public'), name: PUBLIC, trustedProxies, certificate, log });
      drains.push(opened.drain);
      shutdown.add(graceMs => opened.close(graceMs));
      addresses = { ...addresses, public: opened.address };
    }

    announce();
    shutdown.add(async () => announcement.withdraw());
    return {
      addresses,
      adminToken,
      view,
      async close(graceMs, noticeMs = 0) {
        closing = true;
        for (const drain of drains) drain();
        if (noticeMs > 0) await sleep(world, noticeMs);
        await shutdown.run(graceMs);
      },
    };

    /** Tells commands where we are, and the keys of all namespaces that there are now. */
    function announce(): void {
      if (role !== 'serve' || addresses.public === '' || closing) return;
      announcement.say(toState(addresses, adminToken, keys.keyFor, inForce.resources));
    }
  }
}
