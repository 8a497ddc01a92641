// `tenfold top`: the rates of topics, Subscriptions and Queues now, and blocked events.
import { type Command, Option } from '@commander-js/extra-typings';
import { parseWaitOption } from '../../option-values.ts';
import type { PlatformTarget } from '../../platform/find-platform.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
On a terminal it stays in place until Ctrl-C; in a pipe it prints one table after each interval, with -o json one line of
JSON. Rates are those of the last interval.

Examples:
  $ tenfold top
  $ tenfold top --interval 10s
  $ tenfold top --once                    one interval, then it ends
  $ tenfold top -o json | jq .consumers`;

const INTERVAL_MS = 2_000;

export function defineTop(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only this namespace',
    command
      .option('--interval <DURATION>', 'time between two looks; 2s by default', parseWaitOption)
      .option('--once', 'one interval, then end')
      .addOption(
        new Option('-o, --output <format>', 'format of what is printed')
          .choices(['table', 'json'] as const)
          .default('table' as const),
      ),
  )
    .addHelpText('after', EXAMPLES)
    .action(async options => {
      const [{ watch }, { createConnector }, { createAdminClient }] = await Promise.all([
        import('../../top/watch.ts'),
        import('../../platform/connector.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { interval = INTERVAL_MS, once, output } = options;
      const find = createConnector(options, terminal);
      let target: PlatformTarget | undefined = await find();
      const namespace = namespaceFor(options, target);
      const connect = async () => {
        const found = target ?? (await find());
        target = undefined;
        return createAdminClient(found);
      };
      const stop = new AbortController();
      const end = () => stop.abort();
      process.once('SIGINT', end).once('SIGTERM', end);
      try {
        await watch(
          { namespace, intervalMs: interval, once: once === true, format: output, signal: stop.signal },
          connect,
          terminal,
        );
      } finally {
        process.off('SIGINT', end).off('SIGTERM', end);
      }
    });
}
