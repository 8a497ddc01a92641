// `tenfold serve`: runs an application as in production: resources of the disk at the start, JSON
// logs, drained on SIGTERM.
import type { Command } from '@commander-js/extra-typings';
import { withApplicationOptions, withClusterOptions } from '../../application/application-options.ts';
import { runRole } from '../../serve/run-role.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Resources and sources are read once. Logs are JSON lines on stdout; each request is one, of level info.
Each option may also stand in a configuration file or a variable: see "tenfold config".
With --cluster they are those of a Kubernetes cluster and followed; see docs/guides/kubernetes.md.
Exits with 1 when the resources are invalid. SIGTERM lets requests in flight finish.

Examples:
  $ tenfold serve my-shop
  $ tenfold serve my-shop --config tenfold.yaml
  $ tenfold serve my-shop --host 0.0.0.0 --log-level warn --grace 25s
  $ tenfold serve my-shop --port 8443 --tls-cert shop.crt --tls-key shop.key
  $ tenfold serve --cluster --operator --data /data`;

export function defineServe(command: Command, terminal: Terminal): void {
  withClusterOptions(withApplicationOptions(command))
    .option('--operator', 'be the operator of the cluster as well, with --cluster')
    .addHelpText('after', EXAMPLES)
    .action((dir, options) => runRole('serve', dir, options, terminal));
}
