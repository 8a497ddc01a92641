// A platform as its admin API shows it, also while it starts.
import type { PlatformView } from '../../admin/platform-view.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import { createAggregateControl } from '../admin/aggregate-control.ts';
import { requestApi } from '../admin/api-request.ts';
import { createAskControl } from '../admin/ask-control.ts';
import { createAuditLog } from '../admin/audit-log.ts';
import { callReportsOf } from '../admin/call-reports.ts';
import { createPolicyControl } from '../admin/policy-control.ts';
import { createReadiness } from '../admin/readiness.ts';
import { explainAt } from '../admin/route-explanation.ts';
import { toRouteView } from '../admin/route-view.ts';
import { createSettings } from '../admin/settings-control.ts';
import { toStranglerControl } from '../admin/strangler-control.ts';
import { withReplicas } from '../admin/with-replicas.ts';
import { OPEN_METRICS_END, toOpenMetrics } from '../metrics/open-metrics.ts';
import { createSql } from '../sql/create-sql.ts';
import { packageVersion } from '../version.ts';
import type { PlatformParts } from './platform-part.ts';

export type Shown =
  | 'options'
  | 'world'
  | 'role'
  | 'progress'
  | 'functions'
  | 'lines'
  | 'keys'
  | 'inForce'
  | 'storage'
  | 'backup'
  | 'scheduledBackups'
  | 'shared'
  | 'plane'
  | 'objects'
  | 'metrics';

export function viewOf(
  given: Pick<PlatformParts, Shown>,
  callerTroubles: PlatformView['callerTroubles'],
): PlatformView {
  const { options, world, role, progress, functions, lines, keys, inForce, storage, shared, plane, objects, metrics } =
    given;
  const { backup, scheduledBackups } = given;
  const { cluster, listeners = publicAlone } = options;
  const addresses = () => progress.addresses;
  const routes = keptWhile(
    () => inForce.routes,
    found => found.map(route => toRouteView(route, listeners)),
  );
  // A worker has no listener, but the same routes.
  const explain: PlatformView['explain'] = request =>
    explainAt(listeners, listener => inForce.need(listener), progress.addresses, request);
  const settings = createSettings(options.settings ?? [], role, progress.startedAt, storage);
  return {
    version: packageVersion,
    startedAt: progress.startedAt,
    catalog: {
      get current() {
        return progress.catalog?.current;
      },
      get problems() {
        return progress.catalog?.problems ?? [];
      },
    },
    addresses,
    readiness: readinessOf(given),
    disk: () => storage?.diskReasons() ?? [],
    callerTroubles,
    functions: () => withReplicas(functions.status(), cluster?.statusOf),
    calls: () => callReportsOf(inForce.instruments, keys),
    ...(cluster && { statusOf: cluster.statusOf, notInForce: cluster.notInForce }),
    since(kind, namespace, name) {
      return cluster ? cluster.statusOf(kind, namespace, name)?.createdAt : inForce.since(kind, namespace, name);
    },
    ...(cluster ? {} : { standing: () => inForce.standing }),
    routes,
    requests: () => metrics.requests(),
    explain,
    aggregates: createAggregateControl(inForce, settings),
    stranglers: toStranglerControl(() => inForce.facades),
    policies: createPolicyControl(() => inForce.instruments, shared.purge),
    events: plane.control,
    sql: createSql(
      world,
      storage,
      () => plane.plan,
      () => progress.catalog?.current?.resources,
    ),
    asks: {
      ...createAskControl({ world, inForce, keys, lines }),
      request: (request, signal) => requestApi({ world, inForce, addresses, routes, explain }, request, signal),
    },
    objects: objects.control,
    audit: createAuditLog({ world, log: storage?.log, tell: line => options.events.gatewayLog?.(line) }),
    settings,
    backup,
    backupTrouble: () => scheduledBackups?.trouble(),
    metrics: async () => (await metrics.text()) + (cluster?.metrics() ?? ''),
    openMetrics: async () => {
      const more = cluster ? `${toOpenMetrics(cluster.metrics())}\n` : '';
      return `${await metrics.openMetrics()}${more}${OPEN_METRICS_END}`;
    },
  };
}

/** Makes something of a value, and makes it anew when the value is another one. */
function keptWhile<T, R>(valueNow: () => T, make: (value: T) => R): () => R {
  let kept: { readonly value: T; readonly made: R } | undefined;
  return () => {
    const value = valueNow();
    if (kept === undefined || kept.value !== value) kept = { value, made: make(value) };
    return kept.made;
  };
}

function readinessOf({
  options: { cluster },
  role,
  progress,
  storage,
  plane,
}: Pick<PlatformParts, Shown>): PlatformView['readiness'] {
  return createReadiness({
    role,
    own() {
      const { addresses, catalog, closing } = progress;
      if (closing) return ['The platform is shutting down.'];
      if (cluster && !catalog) return cluster.reasons();
      if (!catalog?.current) return ['No valid resources have been loaded yet; the problems say why.'];
      return role !== 'worker' && addresses.public === '' ? ['The public listener does not listen yet.'] : [];
    },
    shared: () => [...(storage?.reasons() ?? []), ...plane.reasons()],
    disk: () => storage?.diskReasons() ?? [],
  });
}
