// `tenfold apply`: brings an application into a Kubernetes cluster, the code
// of its functions included.
import { type Command, Option } from '@commander-js/extra-typings';
import { addClusterOptions } from '../../cluster/cluster-options.ts';
import { parseWaitOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const WAIT_MS = 5 * 60_000;
const EXAMPLES = `
Everything is checked before anything is written. Applying what is there already changes nothing.

Examples:
  $ tenfold apply
  $ tenfold apply my-shop --namespace shop --wait
  $ tenfold apply my-shop --prune
  $ tenfold apply my-shop --dry-run
  $ helm template charts/shop | tenfold apply - --application shop`;

export function defineApply(command: Command, terminal: Terminal): void {
  addClusterOptions(command.argument('[FILES...]', 'folders and files; - is standard input', ['.']))
    .option('--application <NAME>', 'what belongs together is labelled with it; without it the name of the folder')
    .option('--prune', 'delete what the application consists of no more')
    .option('--dry-run', 'let the cluster check everything and change nothing')
    .option('--force-conflicts', 'take over fields that others manage')
    .option('--wait', 'wait until all is ready')
    .addOption(
      new Option('--timeout <DURATION>', 'longest that --wait takes').argParser(parseWaitOption).default(WAIT_MS, '5m'),
    )
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths, options) => {
      const { apply } = await import('../../apply/apply.ts');
      const { prune, dryRun, forceConflicts, wait, ...rest } = options;
      const isSet = (value: true | undefined) => value === true;
      await apply(
        paths,
        {
          ...rest,
          prune: isSet(prune),
          dryRun: isSet(dryRun),
          forceConflicts: isSet(forceConflicts),
          wait: isSet(wait),
        },
        terminal,
      );
    });
}
