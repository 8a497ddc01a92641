// What `tenfold serve`, `gateway` and `worker` have in common: what is on disk at the start, JSON logs, drained on SIGTERM.
import { resolve } from 'node:path';
import type { Role } from '../../server/config/roles.ts';
import { type ApplicationOptions, toOptionValues } from '../application/application-options.ts';
import { keepCompiled } from '../application/keep-compiled.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

export async function runRole(role: Role, dir: string, options: ApplicationOptions, terminal: Terminal): Promise<void> {
  const toPath = (path: string) => resolve(terminal.cwd, path);
  const directory = toPath(dir);
  keepCompiled(directory);
  const [{ readConfig }, { runApplication }, { createLogReporter }] = await Promise.all([
    import('../application/read-config.ts'),
    import('../application/run-application.ts'),
    import('./log-reporter.ts'),
  ]);
  const config = readConfig({ role, file: options.config, options: toOptionValues(options, toPath) }, terminal);
  const accepted = await runApplication({
    role,
    directory,
    watch: false,
    config,
    reporter: createLogReporter(terminal, config.logLevel, () => new Date()),
    accept: platform => platform.view.catalog.current !== undefined,
  });
  if (!accepted) terminal.exitCode = exitCodes.invalid.code;
}
