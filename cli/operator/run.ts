// Runs the operator until a signal asks it to stop.
import { realWorld } from '../../core/world.ts';
import { createKubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';
import { noFiles } from '../../server/cluster/cluster-source.ts';
import { packageVersion } from '../../server/version.ts';
import { type ApplicationOptions, type RoleOptions, toOptionValues } from '../application/application-options.ts';
import { listenError } from '../application/listen-error.ts';
import { readConfig } from '../application/read-config.ts';
import { listenForStop } from '../application/stop-signals.ts';
import { clusterAccess } from '../cluster/cluster-access.ts';
import { isAtLeast } from '../log-level.ts';
import type { Terminal } from '../terminal.ts';
import { compileAside } from '../validate/compile-aside.ts';
import { beginOperator } from './begin.ts';
import { openHealthPort } from './health-port.ts';

export async function runOperator(
  terminal: Terminal,
  options: Pick<ApplicationOptions, 'config' | 'host' | 'adminPort' | 'logLevel'> & RoleOptions,
  toPath: (path: string) => string,
): Promise<void> {
  const { config } = readConfig(
    { role: 'operator', file: options.config, options: toOptionValues(options, toPath) },
    terminal,
  );
  const log: Log = (level, message, fields = {}) => {
    if (!isAtLeast(level, config.logLevel)) return;
    const time = new Date().toISOString();
    terminal.print(JSON.stringify({ time, level, name: 'tenfold-operator', message, ...fields }));
  };
  const access = await clusterAccess(terminal.env, config.cluster);
  const client = createKubeClient(access, `tenfold-operator/${packageVersion}`);
  const stop = listenForStop();
  try {
    const operator = beginOperator({
      client,
      config,
      log,
      namespace: access.namespace,
      check: resources => compileAside(resources, { readText: noFiles, topicPrefix: config.log.kafka?.topicPrefix }),
    });
    const { host = config.host, port: number, hosts } = config.admin;
    const port = { host, port: number, hosts };
    try {
      const health = await openHealthPort(realWorld, port, operator.stats);
      log('info', 'following the cluster', { server: access.server, admin: health.address });
      log('info', 'stopping', { signal: await stop.first });
      health.closing();
      // Reconciliations under way end, and another process leads from now on.
      await operator.close();
      await health.close();
    } catch (error) {
      await operator.close();
      throw listenError(error, { public: -1, internal: -1, admin: port.port }) ?? error;
    }
  } finally {
    stop.ignore();
    await client.close();
  }
}
