// Composes one whole platform in this process: catalog from files, functions as child processes, gateway doors, admin API.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createAdminServer } from '../admin/admin-server.ts';
import type { Addresses, PlatformView } from '../admin/platform-view.ts';
import { closeServer, listen } from '../core/http-server.ts';
import { createJobSignals } from '../core/jobs/job-signals.ts';
import { createViewSignals } from '../core/views/view-signals.ts';
import { MAX_INTERNAL_TIMEOUT_MS, MAX_PUBLIC_TIMEOUT_MS } from '../core/wire.ts';
import { realWorld, sleep } from '../core/world.ts';
import { createLocalHost } from '../drivers/function-host/local/local-host.ts';
import { createEventDoors } from '../gateway/accept/event-doors.ts';
import { createCallerKeys } from '../gateway/doors/caller-keys.ts';
import { openDoor } from '../gateway/doors/door-server.ts';
import { createInternalDoor } from '../gateway/doors/internal-door.ts';
import { createPublicDoor, createUpgradeCheck } from '../gateway/doors/public-door.ts';
import { createClientReader } from '../gateway/http/client.ts';
import type { PlanEnvironment } from '../gateway/plan/plan-context.ts';
import { createPlanStateStore } from '../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../gateway/transport/address-policy.ts';
import { createTransport } from '../gateway/transport/create-transport.ts';
import type { Catalog } from '../resources/catalog/catalog.ts';
import { createFileCatalog } from '../resources/catalog/file-catalog.ts';
import { requestCancel } from '../worker/dispatch/cancel.ts';
import { createAnnouncement } from './announcement.ts';
import { followCertificate, readCertificate } from './certificate.ts';
import { runEvents } from './events/run-events.ts';
import { countWaitingJobs, partitionsOf } from './events/waiting-jobs.ts';
import { toHostListener } from './host-listener.ts';
import { createLocalSecrets, secretsBesides } from './local-secrets.ts';
import { createLocalSwitches } from './local-switches.ts';
import { createMetrics } from './metrics.ts';
import { openStorage } from './open-storage.ts';
import { createPlanInForce } from './plan-in-force.ts';
import type { GatewayLogEntry } from './platform-events.ts';
import type { Platform, PlatformOptions } from './platform-options.ts';
import { createPolicyControl } from './policy-control.ts';
import { toRequestEntry } from './request-entry.ts';
import { toExplanation } from './route-explanation.ts';
import { toRouteView } from './route-view.ts';
import { runtimeCommand } from './runtime-command.ts';
import { createSql } from './sql/create-sql.ts';
import { STATE_FOLDER } from './state-file.ts';
import { toStranglerControl } from './strangler-control.ts';
import { packageVersion } from './version.ts';

export type { Platform };

/** How long the start waits for topics and dispatchers. */
const SETTLE_MS = 5_000;

/** Starts everything or, when a port cannot be had, nothing. Invalid resources are no reason not to start: see `view.catalog`. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { events } = options;
  const hostOf = (door: keyof Addresses) => options.hosts?.[door] ?? options.host;
  const world = realWorld;
  const directory = resolve(options.directory);
  const startedAt = world.now();
  const opened: ((graceMs: number) => Promise<void>)[] = [];
  /** In the reverse order of opening; the grace is for all of it together. */
  const close = async (graceMs: number) => {
    const end = world.monotonic() + graceMs;
    for (const shut of opened.splice(0).reverse()) await shut(Math.max(0, end - world.monotonic()));
  };
  try {
    return await open();
  } catch (error) {
    await close(0);
    throw error;
  }

  async function open(): Promise<Platform> {
    const adminToken = options.adminToken ?? randomBytes(24).toString('base64url');
    const keys = createCallerKeys(options.internalSecret ?? randomBytes(32).toString('base64url'));
    const checkAddress = createAddressCheck({ allowLoopback: true });
    const transport = createTransport({
      checkAddress,
      // As the default of `timeouts.connect`, so that routes share connections.
      connectTimeoutMs: 2_000,
    });
    opened.push(() => transport.destroy());
    const log = (entry: GatewayLogEntry) => events.gatewayLog?.(entry);
    const announcement = createAnnouncement(directory, log);
    let addresses: Addresses = { public: '', internal: '', admin: '' };
    let catalog: Catalog | undefined;
    const functions = createLocalHost({
      world,
      runtime: runtimeCommand(),
      environment: ({ namespace }) => ({
        TENFOLD_INTERNAL_URL: options.internalUrl ?? addresses.internal,
        TENFOLD_INTERNAL_KEY: keys.keyFor(namespace),
        ...(options.logLevel === undefined ? {} : { TENFOLD_LOG_LEVEL: options.logLevel }),
        // Compiled code of functions and their packages, so that the next start need not compile again.
        NODE_COMPILE_CACHE: join(directory, STATE_FOLDER, 'compile-cache'),
      }),
      watch: options.watch,
      listener: toHostListener(events),
    });
    opened.push(graceMs => functions.close(graceMs));

    const planState = createPlanStateStore();
    opened.push(async () => planState.close());
    const data = options.dataDirectory ?? join(directory, STATE_FOLDER, 'data');
    const storage = await openStorage(world, data, options.services, log);
    opened.push(async () => storage?.close());
    const signals = createJobSignals();
    const viewSignals = createViewSignals();
    const doors =
      storage &&
      createEventDoors({
        world,
        log: storage.log,
        store: storage.store,
        views: storage.store,
        fanOuts: storage.store,
        search: storage.search,
        viewSignals,
        blobs: storage.blobs,
        epoch: storage.epoch,
        signals,
        checkAddress,
        cancelJob: (group, partition, offset) => requestCancel(storage.log, group, partition, offset),
        waitingJobs: (group, topic) =>
          countWaitingJobs(storage.log, group, topic, partitionsOf(plane.consumers, group)),
      });
    const secrets = createLocalSecrets(directory);
    const environment: PlanEnvironment = {
      world,
      host: functions,
      transport,
      secrets,
      switches: createLocalSwitches(directory),
      log: (level, message, fields) => log({ level, message, fields }),
      doors,
      get syncs() {
        return plane.syncs;
      },
    };
    const plane = runEvents({ world, storage, signals, viewSignals, environment, current: () => inForce });
    const inForce = createPlanInForce({ environment, functions, state: planState, events: plane });
    let closing = false;

    const instruments = () => inForce.instruments;
    const cache = () => doors?.cache.counts;
    const metrics = createMetrics(packageVersion, () => functions.status(), instruments, plane, cache);
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
      readiness() {
        const reasons: string[] = [];
        if (closing) reasons.push('The platform is shutting down.');
        if (!catalog?.current) reasons.push('No valid resources have been loaded yet; the problems say why.');
        reasons.push(...(storage?.reasons() ?? []), ...plane.reasons());
        return { ready: reasons.length === 0, reasons };
      },
      functions: () => functions.status(),
      routes: () => (inForce.plan?.routes ?? []).map(toRouteView),
      explain: request => toExplanation(inForce.need(), addresses.public, request),
      stranglers: toStranglerControl(() => inForce.facades),
      policies: createPolicyControl(() => inForce.instruments),
      events: plane.control,
      sql: createSql(world, storage, () => plane.plan),
      metrics: () => metrics.text(),
    };
    const admin = createAdminServer(view, { token: adminToken, allowedHosts: [hostOf('admin')] });
    addresses = { ...addresses, admin: await listen(admin, hostOf('admin'), options.ports.admin) };
    opened.push(graceMs => closeServer(admin, world, graceMs));

    const answered: typeof metrics.answered = entry => {
      metrics.answered(entry);
      if (entry.door === 'public' && entry.logged) events.request?.(toRequestEntry(entry));
    };
    const door = { world, maxConnections: 10_000 };
    const internalDoor = await openDoor({
      ...door,
      host: hostOf('internal'),
      port: options.ports.internal,
      requestTimeoutMs: MAX_INTERNAL_TIMEOUT_MS,
      handle: createInternalDoor({
        world,
        keys,
        targetOf: (namespace, name) => inForce.functionTarget(namespace, name),
        eventTargetOf: (...place) => inForce.eventTarget(...place),
        timeoutOf: (namespace, name) => inForce.resources?.get('Function', namespace, name)?.spec.timeout,
        answered,
      }),
    });
    addresses = { ...addresses, internal: internalDoor.address };
    opened.push(graceMs => internalDoor.close(graceMs));
    // Before the doors that its functions call close.
    opened.push(graceMs => plane.close(graceMs));

    await plane.load();
    catalog = await createFileCatalog({
      world,
      directory,
      watch: options.watch,
      besides: options.watch ? secretsBesides(directory) : undefined,
      accept: inForce.accept,
      events: {
        accepted(snapshot) {
          announce();
          events.accepted?.(snapshot);
        },
        refused: problems => events.refused?.(problems),
      },
    });
    opened.push(async () => catalog?.close());
    // Who asks first finds its topics there; but a log that cannot make them must not keep all else from being served.
    await Promise.race([plane.settled(), sleep(world, SETTLE_MS)]);

    const certificate = options.certificate && readCertificate(options.certificate);
    const publicDoor = await openDoor({
      ...door,
      certificate,
      host: hostOf('public'),
      port: options.ports.public,
      requestTimeoutMs: MAX_PUBLIC_TIMEOUT_MS + 1_000,
      mayUpgrade: createUpgradeCheck(inForce.need),
      handle: createPublicDoor({
        world,
        answered,
        readClient: createClientReader(options.trustedProxies ?? []),
        plan: inForce.need,
      }),
    });
    opened.push(graceMs => publicDoor.close(graceMs));
    if (options.certificate && certificate) {
      const followed = followCertificate(world, options.certificate, certificate, publicDoor.renew, log);
      opened.push(async () => followed.close());
    }

    addresses = { ...addresses, public: publicDoor.address };

    announce();
    opened.push(async () => announcement.withdraw());
    return {
      addresses,
      adminToken,
      view,
      close(graceMs) {
        closing = true;
        return close(graceMs);
      },
    };

    /** Tells commands where we are, and the keys of all namespaces that there are now. */
    function announce(): void {
      if (addresses.public === '' || closing) return;
      const namespaces = new Set([
        'default',
        ...(inForce.resources?.all ?? []).map(({ metadata }) => metadata.namespace),
      ]);
      announcement.say({
        pid: process.pid,
        version: packageVersion,
        addresses,
        adminToken,
        internalKey: keys.keyFor('default'),
        internalKeys: Object.fromEntries([...namespaces].map(namespace => [namespace, keys.keyFor(namespace)])),
      });
    }
  }
}
