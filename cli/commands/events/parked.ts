// `tenfold parked`: keys whose events wait for another attempt: found, read, tried now, given up.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import type { FailureReason } from '../../../worker/dispatch/failed-attempt.ts';
import { parseCount, parseFilter } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A Queue is named queue/NAME where a Subscription has the same name. The list has one row for each key: the event at its head,
which holds up the others of the key. It is read from the log, so it is the same whichever process delivers, and after a
crash. What is retried is attempted now, and its budget stays as it is; what is given up becomes a dead letter with the reason
abandoned, and its key goes on. A selection (--key, --reason, --text, --older-than, --newer-than, --all) takes the heads of
keys of which an attempt failed. It ends with 4 when a partition could not be read or an event could not be taken, and says which.

Examples:
  $ tenfold parked list                                   of all Subscriptions and Queues
  $ tenfold parked list wall --reason Timeout --older-than 10m
  $ tenfold parked list wall --key table-7 -o wide
  $ tenfold parked show wall 0-17                         its event, why it failed, and what waits behind it
  $ tenfold parked retry wall 0-17 0-21
  $ tenfold parked retry wall --all                       the function was repaired
  $ tenfold parked give-up wall 0-17                      the key goes on behind it
  $ tenfold parked give-up wall --key table-7 --whole-key`;

const LIST_LIMIT = 100;
const REASONS = ['Timeout', 'Unreachable', 'Busy', 'TargetFailed'] as const satisfies FailureReason[];

export function defineParked(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Subscription or Queue',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['list', 'show', 'retry', 'give-up'] as const))
      .argument('[SUBSCRIPTION]', 'Subscription, or queue/NAME')
      .argument('[IDS...]', 'show: the id of an event of the key; retry, give-up: any number of heads')
      .option('--all', 'retry, give-up: all keys of which an attempt failed')
      .option('--whole-key', 'give-up: all events of the key, not its head alone')
      .option('--rate <NUMBER>', 'of a selection: so many in a second at most', parseCount)
      .option('--dry-run', 'of a selection: say how many and which, and change nothing')
      .option('--key <KEY>', 'one key')
      .addOption(new Option('--reason <REASON>', 'those whose newest attempt failed so').choices(REASONS))
      .option('--text <TEXT>', 'those whose newest error mentions it', parseFilter)
      .option('--older-than <DURATION>', 'those that wait at least so long, e.g. 10m', parseFilter)
      .option('--newer-than <DURATION>', 'those that wait at most so long', parseFilter)
      .option('--limit <NUMBER>', `list, show: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, ids, options) => {
      const [{ listParked }, { showParked }, { commandParked }, { findPlatform }, { createAdminClient }] =
        await Promise.all([
          import('../../parked/list.ts'),
          import('../../parked/show.ts'),
          import('../../parked/command.ts'),
          import('../../platform/find-platform.ts'),
          import('../../platform/admin-client.ts'),
        ]);
      const { output: format, key, reason, text, olderThan, newerThan, limit = LIST_LIMIT } = options;
      const query = { key, reason, text, olderThan, newerThan };
      const target = await findPlatform(options, terminal);
      const consumer = { name, namespace: namespaceFor(options, target) };
      const client = createAdminClient(target);
      if (action === 'list') await listParked({ consumer, ids, query, limit, format }, client, terminal);
      else if (action === 'show') await showParked({ consumer, ids, limit, format }, client, terminal);
      else {
        const { all = false, wholeKey = false, rate, dryRun = false } = options;
        await commandParked({ action, consumer, ids, all, wholeKey, query, rate, dryRun, format }, client, terminal);
      }
    });
}
