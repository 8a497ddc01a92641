// `tenfold gateway`: the listeners of an application, as one of many processes.
import type { Command } from '@commander-js/extra-typings';
import { withApplicationOptions, withClusterOptions } from '../../application/application-options.ts';
import { runRole } from '../../serve/run-role.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Answers requests, takes events and jobs, and runs the functions that are called on the way; workers do the rest. Log and store
must be services that all processes share, and the secret of the internal listener the same everywhere: see "tenfold config check".
With --cluster they are those of a Kubernetes cluster and followed; see docs/guides/kubernetes.md.
Exits with 1 when the resources are invalid. SIGTERM lets requests in flight finish.

Examples:
  $ tenfold gateway my-shop --config tenfold.yaml
  $ tenfold gateway my-shop --config tenfold.yaml --host 0.0.0.0 --grace 25s
  $ tenfold gateway --cluster --config tenfold.yaml`;

export function defineGateway(command: Command, terminal: Terminal): void {
  withClusterOptions(withApplicationOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((dir, options) => runRole('gateway', dir, options, terminal));
}
