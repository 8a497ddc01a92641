// The common part of `tenfold serve`, `gateway` and `worker`: resources from the disk at the start,
// or from a cluster; JSON logs, drained on SIGTERM.
import { resolve } from 'node:path';
import { realWorld } from '../../core/world.ts';
import type { Log } from '../../k8s/api/outages.ts';
import type { Role } from '../../server/config/roles.ts';
import type { Config } from '../../server/config/schema.ts';
import { ExportedLogs } from '../../server/tracing/exported-logs.ts';
import { type ApplicationOptions, type RoleOptions, toOptionValues } from '../application/application-options.ts';
import { startCompileCache } from '../application/compile-cache.ts';
import type { Reporter } from '../application/run-application.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

export async function runRole(
  role: Role,
  dir: string,
  options: ApplicationOptions & RoleOptions,
  terminal: Terminal,
): Promise<void> {
  const toPath = (path: string) => resolve(terminal.cwd, path);
  const directory = toPath(dir);
  startCompileCache(directory);
  const [{ readConfig }, { runApplication }, { createLogReporter }] = await Promise.all([
    import('../application/read-config.ts'),
    import('../application/run-application.ts'),
    import('./log-reporter.ts'),
  ]);
  const request = { role, file: options.config, options: toOptionValues(options, toPath) };
  const { config, secretFiles, settings } = readConfig(request, terminal);
  if (config.operator.enabled && role === 'serve' && !config.cluster.enabled) {
    throw new CommandError('usage', 'An operator keeps a cluster, and none is to be followed.', {
      hint: 'add --cluster, or leave out --operator.',
    });
  }
  const exportedLogs = new ExportedLogs(realWorld);
  const reporter = createLogReporter(terminal, config.logLevel, () => new Date(), exportedLogs);
  const cluster = config.cluster.enabled ? await openCluster(role, config, reporter, terminal) : undefined;
  try {
    const accepted = await runApplication({
      role,
      directory,
      watch: false,
      config,
      secretFiles,
      settings,
      reporter,
      exportedLogs,
      cluster: cluster?.source,
      accept(platform) {
        cluster?.started(platform);
        return platform.view.catalog.current !== undefined;
      },
    });
    if (!accepted) terminal.exitCode = exitCodes.invalid.code;
  } finally {
    await cluster?.close();
  }
}

/** Loaded only where there is one. */
async function openCluster(role: Role, config: Config, reporter: Reporter, { env }: Terminal) {
  const module = await import('../cluster/open-cluster.ts');
  const log: Log = (level, message, fields = {}) => reporter.events.gatewayLog?.({ level, message, fields });
  return module.openCluster({ role, config, env, log });
}
