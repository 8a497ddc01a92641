// `tenfold delete`: takes an application out of a Kubernetes cluster.
import type { Command } from '@commander-js/extra-typings';
import { addClusterOptions } from '../../cluster/cluster-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Deletes what "tenfold apply" labelled as the application's in one namespace, and nothing else. Events and state that it
kept stay where they are.

Examples:
  $ tenfold delete my-shop --namespace shop
  $ tenfold delete --application my-shop --dry-run`;

export function defineDelete(command: Command, terminal: Terminal): void {
  addClusterOptions(command.argument('[DIR]', 'folder of the application, for its name', '.'))
    .option('--application <NAME>', 'the application, instead of that of the folder')
    .option('--dry-run', 'show what would be deleted')
    .addHelpText('after', EXAMPLES)
    .action(async (path, { dryRun, ...options }) => {
      const { deleteApplication } = await import('../../apply/delete.ts');
      await deleteApplication(path, { ...options, dryRun: dryRun === true }, terminal);
    });
}
