// `tenfold graph`: what leads to what in a running application, and how much goes along it.
import type { Command } from '@commander-js/extra-typings';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Each line is an edge: from where to where, since when its rate was measured, and what waits there. Rates of events are
of all processes; those of requests are of the process that answers. They are known from the second time on that
somebody asks.

Examples:
  $ tenfold graph                            the whole application
  $ tenfold graph --node function/orders     one node, and its neighbours
  $ tenfold graph --node topic/orders --depth 3
  $ tenfold graph --kind topics,functions    only these kinds
  $ tenfold graph --group kind               one node for all of a kind, in each namespace
  $ tenfold graph -o mermaid                 for a page that draws it; -o dot for Graphviz`;

export function defineGraph(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only this namespace',
    command
      .option('--kind <KINDS>', 'only these kinds, with commas between them')
      .option('--node <KIND/NAME>', 'only this node and its neighbours')
      .option('--depth <NUMBER>', 'how far away neighbours may be; 1 by default')
      .option('--group <kind|namespace>', 'one node for each kind in a namespace, or for each namespace')
      .addOption(outputOption(['text', 'json', 'yaml', 'mermaid', 'dot'], 'text')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async ({ kind, node, depth, group, output: format, ...options }) => {
      const [{ showGraph }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../graph/show-graph.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      await showGraph(createAdminClient(target), { namespace, kind, node, depth, group, format }, terminal);
    });
}
