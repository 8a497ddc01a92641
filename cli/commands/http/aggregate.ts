// `tenfold aggregate`: how the parts of an Aggregate do, and which of them makes its answers late.
import type { Command } from '@commander-js/extra-typings';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
The process that answers keeps the newest 100 requests that it has answered, and the 10 slowest of the last hour. It keeps
times and outcomes, and nothing of what the requests carried.

Examples:
  $ tenfold aggregate invoice              each part over the newest requests, and the newest request
  $ tenfold aggregate invoice --slowest    the slowest request of the last hour in its place
  $ tenfold aggregate invoice -o json      all requests that are kept, as data`;

export function defineAggregate(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Aggregate',
    command
      .argument('<AGGREGATE>', 'its name')
      .option('--slowest', 'show the slowest request of the last hour')
      .addOption(outputOption(['table', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (name, options) => {
      const [{ showAggregate }, { namespaceOfAggregate }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../aggregate/show-aggregate.ts'),
        import('../../aggregate/find-aggregate.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const client = createAdminClient(target);
      const namespace = await namespaceOfAggregate(name, namespaceFor(options, target), client);
      const { output: format, slowest = false } = options;
      await showAggregate({ namespace, name, format, isSlowest: slowest }, client, terminal);
    });
}
