// Takes an application out of a cluster.
import { deleteOthers } from '../../k8s/apply/apply-application.ts';
import { createWriter } from '../../k8s/apply/writer.ts';
import { type ClusterOptions, withCluster } from '../cluster/cluster-options.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { applicationName } from './application-name.ts';
import { resultTable } from './result-table.ts';

export interface DeleteCommandOptions extends ClusterOptions {
  readonly application?: string | undefined;
  readonly dryRun: boolean;
}

export async function deleteApplication(
  path: string,
  options: DeleteCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const application = await applicationName(options.application, [path], terminal.cwd);
  if (application === undefined) throw new CommandError('no-folder', `There is no folder ${path}.`);
  await withCluster(options, terminal, async ({ client, namespace }) => {
    const { signal } = new AbortController();
    const writer = createWriter({ client, signal, dryRun: options.dryRun, force: false });
    const deleted = await deleteOthers(writer, application, [namespace]);
    if (deleted.length === 0) {
      terminal.say(`There is nothing of the application "${application}" in the namespace "${namespace}".`);
      terminal.exitCode = exitCodes.notFound.code;
      return;
    }
    terminal.print(resultTable(deleted, undefined, terminal));
    if (options.dryRun) terminal.say('Nothing was deleted: --dry-run only asks the cluster for its answer.');
  });
}
