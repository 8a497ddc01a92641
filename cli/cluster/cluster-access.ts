// How this process reaches the API server: as its pod does, or by a kubeconfig.
import { realWorld } from '../../core/world.ts';
import type { ClusterAccess } from '../../k8s/api/cluster-access.ts';
import { kubeconfigAccess } from '../../k8s/api/kubeconfig.ts';
import { isInPod, podAccess } from '../../k8s/api/pod-access.ts';
import type { Terminal } from '../terminal.ts';

export interface AccessOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

export function clusterAccess(env: Terminal['env'], { kubeconfig, context }: AccessOptions): Promise<ClusterAccess> {
  const named = kubeconfig ?? context ?? env['KUBECONFIG'];
  if (named === undefined && isInPod(env)) return podAccess(realWorld, env);
  return kubeconfigAccess({ world: realWorld, env, file: kubeconfig, context });
}
