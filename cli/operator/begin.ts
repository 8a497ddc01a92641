// The operator as the command line starts it: with the providers that there are, by
// itself or beside a platform.
import { hostname } from 'node:os';
import { realWorld } from '../../core/world.ts';
import { createCallerKeys } from '../../gateway/listeners/caller-keys.ts';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { type Operator, type OperatorOptions, startOperator } from '../../k8s/operator/run-operator.ts';
import { audienceOf, type InternalListeners } from '../../k8s/providers/internal-listeners.ts';
import { toListeners } from '../../server/config/listeners.ts';
import type { Config } from '../../server/config/schema.ts';
import { createKafkaTopics } from '../../server/events/topics/topic-log.ts';
import { packageVersion } from '../../server/version.ts';
import { createProviders } from './providers.ts';

export interface OperatorSettings extends Pick<OperatorOptions, 'check' | 'follow' | 'disk'> {
  readonly client: KubeClient;
  readonly config: Config;
  readonly log: Log;
  /** Of this process. */
  readonly namespace: string;
}

export function beginOperator({ client, config, log, namespace, check, follow, disk }: OperatorSettings): Operator {
  const { namespaces } = config.cluster;
  const { providers, close } = createProviders(config.operator);
  const { kafka } = config.log;
  const topics =
    kafka && createKafkaTopics(realWorld, kafka, ({ level, message, fields }) => log(level, message, fields));
  const operator = startOperator({
    client,
    world: realWorld,
    log,
    identity: `${hostname()}_${realWorld.id()}`,
    platformNamespace: config.operator.platformNamespace ?? namespace,
    namespaces: namespaces.length === 0 ? undefined : namespaces,
    assignments: config.cluster.routeOwners,
    routeListeners: toListeners(config),
    providers,
    provider: config.operator.provider,
    topics,
    restartNamespaces: config.operator.restartNamespaces,
    functionLabels: config.operator.functionLabels,
    functionImage: config.functionImage ?? `tenfold/function:${packageVersion}`,
    listeners: listenersOf(config, config.operator.platformNamespace ?? namespace),
    ...(check ? { check } : {}),
    follow,
    disk,
  });
  return {
    synced: operator.synced,
    stats: operator.stats,
    get isLeader() {
      return operator.isLeader;
    },
    async close() {
      await operator.close();
      await Promise.all([close(), topics?.close()]);
    },
  };
}

/** Nothing where the configuration does not say where they are. */
export function listenersOf(
  {
    functions,
    internal,
  }: {
    readonly internal: Pick<Config['internal'], 'port' | 'secret'>;
    readonly functions: Pick<Config['functions'], 'internalUrl'>;
  },
  platformNamespace: string,
): InternalListeners | undefined {
  if (functions.internalUrl === undefined) return undefined;
  const listeners = { url: functions.internalUrl, audience: audienceOf(platformNamespace) };
  return internal.secret === undefined ? listeners : { ...listeners, keyFor: createCallerKeys(internal.secret).keyFor };
}
