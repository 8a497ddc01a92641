// Opens the cluster that a process takes its resources from.
import { realWorld } from '../../core/world.ts';
import { createKubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { createClusterSource } from '../../k8s/serving/cluster-source.ts';
import type { ClusterSource } from '../../server/cluster-source.ts';
import type { Role } from '../../server/config/roles.ts';
import type { Config } from '../../server/config/schema.ts';
import { createMountedSecrets } from '../../server/mounted-secrets.ts';
import { packageVersion } from '../../server/version.ts';
import type { Terminal } from '../terminal.ts';
import { clusterAccess } from './cluster-access.ts';

export interface OpenClusterOptions {
  readonly role: Role;
  readonly config: Config['cluster'];
  readonly env: Terminal['env'];
  readonly log: Log;
}

export interface OpenedCluster {
  readonly source: ClusterSource;
  /** After whoever follows it. */
  close(): Promise<void>;
}

export async function openCluster({ role, config, env, log }: OpenClusterOptions): Promise<OpenedCluster> {
  const access = await clusterAccess(env, config);
  const client = createKubeClient(access, `tenfold-${role}/${packageVersion}`);
  const namespaces = config.namespaces.length === 0 ? undefined : config.namespaces;
  log('info', 'following the cluster', { server: access.server, namespaces });
  const source = createClusterSource({ client, log, namespaces });
  return {
    source: { ...source, secrets: createMountedSecrets(realWorld, config.secrets) },
    close: () => client.close(),
  };
}
