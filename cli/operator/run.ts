// Runs the operator until a signal asks it to stop.
import { hostname } from 'node:os';
import { realWorld } from '../../core/world.ts';
import { createKubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { startOperator } from '../../k8s/operator/run-operator.ts';
import { deploymentProvider } from '../../k8s/providers/deployment/provider.ts';
import { noFiles } from '../../server/cluster-source.ts';
import type { LogLevel } from '../../server/config/log-levels.ts';
import { packageVersion } from '../../server/version.ts';
import { listenForStop } from '../application/stop-signals.ts';
import { clusterAccess } from '../cluster/cluster-access.ts';
import { isAtLeast } from '../log-level.ts';
import type { Terminal } from '../terminal.ts';
import { compileAside } from '../validate/compile-aside.ts';

export interface OperatorCommandOptions {
  readonly namespace: readonly string[];
  readonly platformNamespace?: string | undefined;
  readonly functionImage?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
}

export async function runOperator(
  terminal: Pick<Terminal, 'env' | 'print'>,
  options: OperatorCommandOptions,
): Promise<void> {
  const log: Log = (level, message, fields = {}) => {
    if (!isAtLeast(level, options.logLevel ?? 'info')) return;
    const time = new Date().toISOString();
    terminal.print(JSON.stringify({ time, level, name: 'tenfold-operator', message, ...fields }));
  };
  const access = await clusterAccess(terminal.env, options);
  const client = createKubeClient(access, `tenfold-operator/${packageVersion}`);
  const stop = listenForStop();
  try {
    const operator = startOperator({
      client,
      world: realWorld,
      log,
      identity: `${hostname()}_${realWorld.id()}`,
      platformNamespace: options.platformNamespace ?? access.namespace,
      namespaces: options.namespace.length === 0 ? undefined : options.namespace,
      providers: [deploymentProvider],
      functionImage:
        options.functionImage || terminal.env['TENFOLD_FUNCTION_IMAGE'] || `tenfold/function:${packageVersion}`,
      check: resources => compileAside(resources, { readText: noFiles }),
    });
    log('info', 'following the cluster', { server: access.server });
    log('info', 'stopping', { signal: await stop.first });
    await operator.close();
  } finally {
    stop.ignore();
    await client.close();
  }
}
