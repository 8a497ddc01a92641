// `tenfold config`: what the configuration comes to, and whether it can be used.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import { configOption } from '../../application/application-options.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
What an option says goes before a variable, that before the file, that before defaults. "check" shows all that is wrong at once, and
ends with 2 when there is something. "print" shows each setting with its value and where that is from; of secrets only the latter.

Examples:
  $ tenfold config check --config tenfold.yaml
  $ tenfold config print --config tenfold.yaml
  $ TENFOLD_PUBLIC_PORT=8000 tenfold config print --output yaml`;

export function defineConfig(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<ACTION>', 'what to do').choices(['check', 'print'] as const))
    .addOption(configOption())
    .addOption(
      new Option('--for <PROCESS>', 'which process it is for')
        .choices(['serve', 'gateway', 'worker', 'operator'] as const)
        .default('serve' as const),
    )
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (action, options) => {
      const { checkConfig, printConfig } = await import('../../config/actions.ts');
      const request = { role: options.for, file: options.config };
      if (action === 'check') checkConfig(request, options.output, terminal);
      else printConfig(request, options.output, terminal);
    });
}
