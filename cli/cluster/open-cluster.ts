// Opens the cluster that a process takes its resources from.
import { hostname } from 'node:os';
import { realWorld } from '../../core/world.ts';
import { adminAudienceOf, createReviews } from '../../k8s/access/reviews.ts';
import { createKubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { toMetrics } from '../../k8s/operator/stats.ts';
import { audienceOf } from '../../k8s/providers/internal-listeners.ts';
import { createClusterSource } from '../../k8s/serving/cluster-source.ts';
import { type FigureReports, startFigureReports } from '../../k8s/serving/figure-reports.ts';
import { createUptakeReports } from '../../k8s/uptake/uptake-reports.ts';
import type { ClusterSource } from '../../server/cluster/cluster-source.ts';
import { reportedFiguresOf } from '../../server/cluster/reported-figures.ts';
import { toListeners } from '../../server/config/listeners.ts';
import type { Role } from '../../server/config/roles.ts';
import type { Config } from '../../server/config/schema.ts';
import { createMountedSecrets } from '../../server/functions/mounted-secrets.ts';
import type { Platform } from '../../server/platform.ts';
import { packageVersion } from '../../server/version.ts';
import { beginOperator } from '../operator/begin.ts';
import type { Terminal } from '../terminal.ts';
import { kubernetesAuthenticator } from './admin-callers.ts';
import { clusterAccess } from './cluster-access.ts';
import { createClusterCallers } from './cluster-callers.ts';

export interface OpenClusterOptions {
  readonly role: Role;
  readonly config: Config;
  readonly env: Terminal['env'];
  readonly log: Log;
}

export interface OpenedCluster {
  readonly source: ClusterSource;
  /** Starts to write the progress of its consumers into the cluster. */
  started(platform: Platform): void;
  /** Closes after the catalogs that follow it. */
  close(): Promise<void>;
}

export async function openCluster({ role, config, env, log }: OpenClusterOptions): Promise<OpenedCluster> {
  const { cluster } = config;
  const access = await clusterAccess(env, cluster);
  const client = createKubeClient(access, `tenfold-${role}/${packageVersion}`);
  const namespaces = cluster.namespaces.length === 0 ? undefined : cluster.namespaces;
  log('info', 'following the cluster', { server: access.server, namespaces });
  const operates = role === 'serve' && config.operator.enabled;
  const platformNamespace = config.operator.platformNamespace ?? access.namespace;
  const callers =
    role === 'worker' ? undefined : createClusterCallers(realWorld, client, audienceOf(platformNamespace), log);
  const adminCallers = config.admin.kubernetes
    ? kubernetesAuthenticator(createReviews({ world: realWorld, client, audience: adminAudienceOf(platformNamespace) }))
    : undefined;
  let disk: () => readonly string[] = () => [];
  const uptake = operates
    ? undefined
    : createUptakeReports({
        world: realWorld,
        client,
        log,
        namespace: platformNamespace,
        name: access.pod?.name ?? leaseName(role),
        pod: access.pod,
        namespaces,
        disk: () => disk(),
      });
  const source = createClusterSource({
    world: realWorld,
    client,
    log,
    namespaces,
    assignments: cluster.routeOwners,
    listeners: toListeners(config),
    uptake,
    callInstances: cluster.callInstances,
  });
  let reports: FigureReports | undefined;
  const operator = operates
    ? beginOperator({ client, config, log, namespace: access.namespace, follow: source.follow, disk: () => disk() })
    : undefined;
  return {
    source: {
      ...source,
      assignments: cluster.routeOwners,
      secrets: createMountedSecrets(realWorld, cluster.secrets),
      apiServer: env['KUBERNETES_SERVICE_HOST'],
      callers,
      adminCallers,
      metrics: () => (operator ? toMetrics(operator.stats()) : ''),
    },
    started({ view }) {
      disk = view.disk;
      // A gateway has none, and hears of those of others.
      if (role === 'gateway') return;
      const figures = () => reportedFiguresOf(view);
      const { objects } = source;
      const everyMs = cluster.figuresEvery;
      reports = startFigureReports({ world: realWorld, client, log, objects, figures, everyMs });
    },
    async close() {
      callers?.close();
      await reports?.close();
      await operator?.close();
      await source.close();
      await client.close();
    },
  };
}

/** Each of the processes on one machine has its own. */
function leaseName(role: Role): string {
  return `tenfold-${role}-${hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')}-${process.pid}`;
}
