// The operator as the command line starts it: with the providers that there are, by itself or beside a platform.
import { hostname } from 'node:os';
import { realWorld } from '../../core/world.ts';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { type Operator, type OperatorOptions, startOperator } from '../../k8s/operator/run-operator.ts';
import { deploymentProvider } from '../../k8s/providers/deployment/provider.ts';
import type { Config } from '../../server/config/schema.ts';
import { packageVersion } from '../../server/version.ts';

export interface OperatorSettings extends Pick<OperatorOptions, 'check' | 'follow'> {
  readonly client: KubeClient;
  readonly config: Config;
  readonly log: Log;
  /** Of this process. */
  readonly namespace: string;
}

export function beginOperator({ client, config, log, namespace, check, follow }: OperatorSettings): Operator {
  const { namespaces } = config.cluster;
  return startOperator({
    client,
    world: realWorld,
    log,
    identity: `${hostname()}_${realWorld.id()}`,
    platformNamespace: config.operator.platformNamespace ?? namespace,
    namespaces: namespaces.length === 0 ? undefined : namespaces,
    providers: [deploymentProvider],
    functionImage: config.functionImage ?? `tenfold/function:${packageVersion}`,
    ...(check ? { check } : {}),
    follow,
  });
}
