// `tenfold dev`: runs an application, follows every change, and tells what happens.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { toOptionValues, withApplicationOptions } from '../application/application-options.ts';
import { keepCompiled } from '../application/keep-compiled.ts';
import { outputOption } from '../output/output-option.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Saved changes are live at once; a change with a mistake is shown, and the version before it keeps serving.
Ctrl-C lets requests in flight finish, a second Ctrl-C ends at once.

Examples:
  $ tenfold dev
  $ tenfold dev my-shop --port 3000
  $ tenfold dev my-shop --port 0 --internal-port 0 --admin-port 0 --output json`;

export function defineDev(command: Command, terminal: Terminal): void {
  withApplicationOptions(command)
    .addOption(outputOption(['text', 'json'], 'text'))
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      const toPath = (path: string) => resolve(terminal.cwd, path);
      const directory = toPath(dir);
      keepCompiled(directory);
      const [{ readConfig }, { runApplication }, { createReporter }] = await Promise.all([
        import('../application/read-config.ts'),
        import('../application/run-application.ts'),
        import('../dev/create-reporter.ts'),
      ]);
      const request = { role: 'serve', file: options.config, options: toOptionValues(options, toPath) } as const;
      const config = readConfig(request, terminal);
      const reporter = createReporter({ output: options.output, logLevel: config.logLevel }, directory, terminal);
      await runApplication({ directory, watch: true, config, reporter });
    });
}
