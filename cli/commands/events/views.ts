// `tenfold views`: the freshness of Views, their answers, and rebuilds.
import { Argument, type Command } from '@commander-js/extra-typings';
import { parseWaitOption, repeated } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A rebuild reads all events that the topics still hold, into a second generation; the first one answers until that has caught
up. It goes on when nobody waits for it; --wait shows how far it is.

Examples:
  $ tenfold views list
  $ tenfold views show orders
  $ tenfold views query orders -q key=17
  $ tenfold views query orders -q index=customer -q value=ada -q limit=20
  $ tenfold views query orders -q index=customer,total -q value=ada -q from=10 -q to=50
  $ tenfold views query trends -q top=10
  $ tenfold views query trends -q key=ada -q around=5
  $ tenfold views rebuild orders --wait 10m`;

export function defineViews(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the View',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['list', 'show', 'query', 'rebuild'] as const))
      .argument('[VIEW]', 'its name')
      .addOption(repeated('-q, --query <NAME=VALUE>', 'query: what is asked, may be repeated'))
      .option('--wait <DURATION>', 'rebuild: wait until it serves, at most so long', parseWaitOption)
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, options) => {
      if (action === 'query') {
        const { queryView } = await import('../../views/query.ts');
        return queryView(name, options, terminal);
      }
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const request = { name, namespace: namespaceFor(options, target), format: options.output };
      const client = createAdminClient(target);
      if (action === 'rebuild') {
        const { rebuildView } = await import('../../views/rebuild.ts');
        return rebuildView({ ...request, wait: options.wait }, client, terminal);
      }
      const { listViews } = await import('../../views/list.ts');
      return listViews({ ...request, one: action === 'show' }, client, terminal);
    });
}
