// `tenfold worker`: what takes events and jobs of an application, as one of many processes.
import type { Command } from '@commander-js/extra-typings';
import { withClusterOptions, withWorkerOptions } from '../../application/application-options.ts';
import { runRole } from '../../serve/run-role.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Works Subscriptions, Queues, Views, Pipelines and FanOuts, and runs their functions; it has no port but that of health, metrics and
the admin API. Its functions reach the internal listener of gateways at functions.internalUrl. See "tenfold config check --for worker".
With --cluster they are those of a Kubernetes cluster and followed; see docs/guides/kubernetes.md.
Exits with 1 when the resources are invalid. SIGTERM lets events in flight finish; others take over at once.

Examples:
  $ tenfold worker my-shop --config tenfold.yaml
  $ tenfold worker my-shop --config tenfold.yaml --admin-port 9091
  $ tenfold worker --cluster --config tenfold.yaml`;

export function defineWorker(command: Command, terminal: Terminal): void {
  withClusterOptions(withWorkerOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((dir, options) => runRole('worker', dir, options, terminal));
}
