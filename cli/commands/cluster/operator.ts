// `tenfold operator`: keeps a Kubernetes cluster as its resources say.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { adminPortOption, configOption, hostOption } from '../../application/application-options.ts';
import { logLevelOption } from '../../log-level.ts';
import { repeated } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Runs in a pod with its ServiceAccount, or anywhere with a kubeconfig. Several may run: one leads, the others wait.
Health and metrics are on the admin port. Logs are JSON lines on stdout. Each option may also stand in a configuration file or a
variable: see "tenfold config".

Examples:
  $ tenfold operator
  $ tenfold operator --namespace shop --namespace billing
  $ tenfold operator --kubeconfig ~/.kube/config --context kind-tenfold`;

export function defineOperator(command: Command, terminal: Terminal): void {
  command
    .addOption(repeated('-n, --namespace <NAME>', 'look after this namespace only, may be given several times'))
    .option('--platform-namespace <NAME>', 'where the platform runs; without it where the operator does')
    .option('--function-image <IMAGE>', 'what Functions with a source run in, instead of that of this version')
    .option('--kubeconfig <FILE>', 'how to reach the cluster, instead of KUBECONFIG, ~/.kube/config or the own pod')
    .option('--context <NAME>', 'context of the kubeconfig')
    .addOption(configOption())
    .addOption(hostOption())
    .addOption(adminPortOption('port of health and metrics (9090)'))
    .addOption(logLevelOption())
    .addHelpText('after', EXAMPLES)
    .action(async options => {
      const { runOperator } = await import('../../operator/run.ts');
      await runOperator(terminal, options, path => resolve(terminal.cwd, path));
    });
}
