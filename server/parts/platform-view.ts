// A platform as its admin API shows it, also while it starts.
import { noBackup } from '../../admin/backup-view.ts';
import type { PlatformView } from '../../admin/platform-view.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import { createPolicyControl } from '../admin/policy-control.ts';
import { createReadiness } from '../admin/readiness.ts';
import { explainAt } from '../admin/route-explanation.ts';
import { toRouteView } from '../admin/route-view.ts';
import { toStranglerControl } from '../admin/strangler-control.ts';
import { withReplicas } from '../admin/with-replicas.ts';
import { createBackup } from '../backup/make-backup.ts';
import { createSql } from '../sql/create-sql.ts';
import { packageVersion } from '../version.ts';
import type { PlatformParts } from './platform-part.ts';

export type Shown =
  | 'options'
  | 'world'
  | 'role'
  | 'progress'
  | 'functions'
  | 'inForce'
  | 'storage'
  | 'shared'
  | 'plane'
  | 'objects'
  | 'metrics';

export function viewOf(given: Pick<PlatformParts, Shown>): PlatformView {
  const { options, world, progress, functions, inForce, storage, shared, plane, objects, metrics } = given;
  const { cluster, listeners = publicAlone } = options;
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
    addresses: () => progress.addresses,
    readiness: readinessOf(given),
    disk: () => storage?.diskReasons() ?? [],
    functions: () => withReplicas(functions.status(), cluster?.statusOf),
    ...(cluster && { statusOf: cluster.statusOf, notInForce: cluster.notInForce }),
    routes: () => inForce.routes.map(route => toRouteView(route, listeners)),
    // A worker has no listener, but the same routes.
    explain: request => explainAt(listeners, listener => inForce.need(listener), progress.addresses, request),
    stranglers: toStranglerControl(() => inForce.facades),
    policies: createPolicyControl(() => inForce.instruments, shared.purge),
    events: plane.control,
    sql: createSql(world, storage, () => plane.plan),
    objects: objects.control,
    backup: storage?.backup ? createBackup(world, packageVersion, storage.backup) : noBackup,
    metrics: async () => (await metrics.text()) + (cluster?.metrics() ?? ''),
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
