// `tenfold serve`: runs an application as in production: what is on disk at the start, JSON logs, drained on SIGTERM.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { toOptionValues, withApplicationOptions } from '../application/application-options.ts';
import { keepCompiled } from '../application/keep-compiled.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Resources and sources are read once. Logs are JSON lines on stdout; each request is one, of level info.
Each option may also stand in a configuration file or a variable: see "tenfold config".
Exits with 1 when the resources are invalid. SIGTERM lets requests in flight finish.

Examples:
  $ tenfold serve my-shop
  $ tenfold serve my-shop --config tenfold.yaml
  $ tenfold serve my-shop --host 0.0.0.0 --log-level warn --grace 25s
  $ tenfold serve my-shop --port 8443 --tls-cert shop.crt --tls-key shop.key`;

export function defineServe(command: Command, terminal: Terminal): void {
  withApplicationOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      const toPath = (path: string) => resolve(terminal.cwd, path);
      const directory = toPath(dir);
      keepCompiled(directory);
      const [{ readConfig }, { runApplication }, { createLogReporter }] = await Promise.all([
        import('../application/read-config.ts'),
        import('../application/run-application.ts'),
        import('../serve/log-reporter.ts'),
      ]);
      const request = { role: 'serve', file: options.config, options: toOptionValues(options, toPath) } as const;
      const config = readConfig(request, terminal);
      const accepted = await runApplication({
        directory,
        watch: false,
        config,
        reporter: createLogReporter(terminal, config.logLevel, () => new Date()),
        accept: platform => platform.view.catalog.current !== undefined,
      });
      if (!accepted) terminal.exitCode = exitCodes.invalid.code;
    });
}
