// `tenfold validate`: checks resource files, and shows everything that is wrong with code frames.
import type { Command } from '@commander-js/extra-typings';
import { configOption } from '../../application/application-options.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
All errors of all files are shown at once; without any, all is compiled as a platform does before it serves it. Exits with 1 when there is one, or with --strict when there is a warning.

Examples:
  $ tenfold validate
  $ tenfold validate my-shop --strict --output json
  $ tenfold validate app.yaml topics.yaml
  $ tenfold validate my-shop --against ../main/my-shop
  $ tenfold validate my-shop --config tenfold.yaml
  $ helm template charts/shop | tenfold validate -`;

export function defineValidate(command: Command, terminal: Terminal): void {
  command
    .argument('[FILES...]', 'folders and files; - is standard input', ['.'])
    .addOption(configOption('configuration whose listeners say which namespaces share a port'))
    .option('--strict', 'treat warnings as errors')
    .option('--no-load', 'leave the code of Functions alone, instead of asking it for its routes')
    .option('--against <PATH>', 'refuse schemas of Topics that break readers of those in this folder or file')
    .addOption(outputOption(['text', 'json', 'yaml'], 'text'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths, options) => {
      const { validate } = await import('../../validate/validate.ts');
      await validate(paths, { ...options, strict: options.strict === true }, terminal);
    });
}
