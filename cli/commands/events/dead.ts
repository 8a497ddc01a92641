// `tenfold dead`: events that were given up: found, read, sent once more as they are
// or edited, skipped, purged.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import type { DeathReason } from '../../../worker/dispatch/settings.ts';
import { parseCount } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { withPlatformOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A Queue is named queue/NAME where a Subscription has the same name. What is redriven is delivered once more, in the order
of its key; what is skipped lets a held key go on; what is purged is forgotten. A command is kept once it is taken, and
carried out by whoever delivers. It ends with 4 when some could not be taken, and says which.

Examples:
  $ tenfold dead list                                     of all Subscriptions and Queues
  $ tenfold dead list wall --reason exhausted --older-than 1h
  $ tenfold dead list --held                              those that hold up their key
  $ tenfold dead show wall 0-17                           its event, its headers, why it was given up
  $ tenfold dead redrive wall 0-17 0-21
  $ tenfold dead redrive wall --key table-7
  $ tenfold dead redrive wall --all
  $ tenfold dead show wall 0-17 --data > order.json       edit it, then
  $ tenfold dead redrive wall 0-17 --edit order.json
  $ tenfold dead skip wall 0-17
  $ tenfold dead purge queue/import --older-than 7d`;

const LIST_LIMIT = 100;
const REASONS = ['exhausted', 'refused', 'expired', 'filter', 'cancelled', 'late'] as const satisfies DeathReason[];

export function defineDead(command: Command, terminal: Terminal): void {
  const actions = ['list', 'show', 'redrive', 'skip', 'purge'] as const;
  withPlatformOptions(
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(actions))
      .argument('[SUBSCRIPTION]', 'Subscription, or queue/NAME')
      .argument('[IDS...]', 'show: one id; redrive, skip, purge: any number of them')
      .option('-n, --namespace <NAME>', 'namespace of the Subscription or Queue')
      .option('--all', 'redrive, skip, purge: all that there are now')
      .option('--key <KEY>', 'those of one key')
      .addOption(new Option('--reason <REASON>', 'those given up for it').choices(REASONS))
      .option('--held', 'those whose key waits for a person')
      .option('--older-than <DURATION>', 'those given up at least so long ago, e.g. 1h')
      .option('--newer-than <DURATION>', 'those given up at most so long ago')
      .option('--limit <NUMBER>', `list: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .option('--data', "show: print the event's data alone")
      .option('--edit <FILE|->', 'redrive: with the data of this file, - for standard input')
      .option('--content-type <TYPE>', 'redrive: media type of these data, where it changes')
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, ids, options) => {
      const [{ listLetters }, { showLetter }, { commandLetters }, { findPlatform }, { createAdminClient }] =
        await Promise.all([
          import('../../dead/list.ts'),
          import('../../dead/show.ts'),
          import('../../dead/command.ts'),
          import('../../platform/find-platform.ts'),
          import('../../platform/admin-client.ts'),
        ]);
      const { namespace, output: format, key, reason, olderThan, newerThan } = options;
      const held = options.held ? ('true' as const) : undefined;
      const query = { key, reason, held, olderThan, newerThan };
      const consumer = { name, namespace };
      const client = createAdminClient(await findPlatform(options, terminal));
      if (action === 'list') {
        await listLetters({ consumer, ids, query, limit: options.limit ?? LIST_LIMIT, format }, client, terminal);
      } else if (action === 'show') {
        await showLetter({ consumer, ids, data: options.data === true, format }, client, terminal);
      } else {
        const { all, edit, contentType } = options;
        await commandLetters(
          { action, consumer, ids, all: all === true, query, edit, contentType, format },
          client,
          terminal,
        );
      }
    });
}
