// `tenfold serve`: runs an application as in production: what is on disk at the start, JSON logs, drained on SIGTERM.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { withApplicationOptions } from '../application/application-options.ts';
import { keepCompiled } from '../application/keep-compiled.ts';
import { exitCodes } from '../exit-codes.ts';
import { logLevelOption } from '../log-level.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Resources and sources are read once. Logs are JSON lines on stdout; each request is one, of level info.
Exits with 1 when the resources are invalid. SIGTERM lets requests in flight finish.

Examples:
  $ tenfold serve my-shop
  $ tenfold serve my-shop --host 0.0.0.0 --log-level warn --grace 25s
  $ tenfold serve my-shop --port 8443 --tls-cert shop.crt --tls-key shop.key`;

export function defineServe(command: Command, terminal: Terminal): void {
  withApplicationOptions(command)
    .addOption(logLevelOption('info'))
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      keepCompiled(resolve(terminal.cwd, dir));
      const [{ runApplication }, { createLogReporter }] = await Promise.all([
        import('../application/run-application.ts'),
        import('../serve/log-reporter.ts'),
      ]);
      const accepted = await runApplication({
        terminal,
        directory: resolve(terminal.cwd, dir),
        watch: false,
        options,
        reporter: createLogReporter(terminal, options.logLevel, () => new Date()),
        accept: platform => platform.view.catalog.current !== undefined,
      });
      if (!accepted) terminal.exitCode = exitCodes.invalid.code;
    });
}
