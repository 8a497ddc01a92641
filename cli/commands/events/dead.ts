// `tenfold dead`: events that were given up: found, read, sent once more as they are
// or edited, skipped, purged.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import type { DeathReason } from '../../../worker/dispatch/settings.ts';
import { parseCount, parseFilter } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A Queue is named queue/NAME where a Subscription has the same name. What is redriven is delivered once more, in the order
of its key; what is skipped lets a held key go on; what is purged is forgotten. A command is kept once it is taken, and
carried out by whoever delivers. What a View set aside (view/NAME) can be purged, and not redriven. What takes a selection
is an operation of the server, which goes on when this command ends ("tenfold operations"). It ends with 4 when some could
not be taken, and says which.

Examples:
  $ tenfold dead list                                     of all Subscriptions and Queues
  $ tenfold dead list wall --reason exhausted --older-than 1h
  $ tenfold dead list --held                              those that hold up their key
  $ tenfold dead groups wall                              how many of each cause, when, and one of them
  $ tenfold dead redrive wall --group 3f9c01ab42          all of one cause
  $ tenfold dead show wall 0-17                           its event, its headers, why it was given up
  $ tenfold dead redrive wall 0-17 0-21
  $ tenfold dead redrive wall --key table-7
  $ tenfold dead redrive wall --all --dry-run             how many, of which causes, and how to start it
  $ tenfold dead redrive wall --all --rate 50
  $ tenfold dead show wall 0-17 --data > order.json       edit it, then
  $ tenfold dead redrive wall 0-17 --edit order.json
  $ tenfold dead skip wall 0-17
  $ tenfold dead purge queue/import --older-than 7d`;

const LIST_LIMIT = 100;
const REASONS = [
  'exhausted',
  'refused',
  'expired',
  'filter',
  'cancelled',
  'abandoned',
  'late',
] as const satisfies DeathReason[];

export function defineDead(command: Command, terminal: Terminal): void {
  const actions = ['list', 'groups', 'show', 'redrive', 'skip', 'purge'] as const;
  withNamespaceOptions(
    'namespace of the Subscription or Queue',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(actions))
      .argument('[SUBSCRIPTION]', 'Subscription, or queue/NAME')
      .argument('[IDS...]', 'show: one id; redrive, skip, purge: any number of them')
      .option('--all', 'redrive, skip, purge: all that there are now')
      .option('--key <KEY>', 'those of one key')
      .addOption(new Option('--reason <REASON>', 'those given up for it').choices(REASONS))
      .option('--group <ID>', 'those of one cause, as "groups" shows it', parseFilter)
      .option(
        '--text <TEXT>',
        'those with this in their cause as "groups" shows it: numbers and quoted text are #',
        parseFilter,
      )
      .option('--held', 'those whose key waits for a person')
      .option('--older-than <DURATION>', 'those given up at least so long ago, e.g. 1h', parseFilter)
      .option('--newer-than <DURATION>', 'those given up at most so long ago', parseFilter)
      .option('--limit <NUMBER>', `list, groups: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .option('--data', "show: print the event's data alone")
      .option('--edit <FILE|->', 'redrive: with the data of this file, - for standard input')
      .option('--merge <FILE|->', 'redrive: of a selection, not of ids, with a JSON merge patch of the data of each')
      .option('--rate <NUMBER>', 'of a selection: so many in a second at most', parseCount)
      .option('--dry-run', 'of a selection: say how many and which, and change nothing')
      .option('--content-type <TYPE>', 'redrive: media type of these data, where it changes')
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, ids, options) => {
      const [
        { listLetters },
        { listGroups },
        { showLetter },
        { commandLetters },
        { findPlatform },
        { createAdminClient },
      ] = await Promise.all([
        import('../../dead/list.ts'),
        import('../../dead/groups.ts'),
        import('../../dead/show.ts'),
        import('../../dead/command.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { output: format, key, reason, olderThan, newerThan, group, text } = options;
      const held = options.held ? ('true' as const) : undefined;
      const query = { key, reason, held, olderThan, newerThan, group, text };
      const limit = options.limit ?? LIST_LIMIT;
      const target = await findPlatform(options, terminal);
      const consumer = { name, namespace: namespaceFor(options, target) };
      const client = createAdminClient(target);
      if (action === 'list') {
        await listLetters({ consumer, ids, query, limit, format }, client, terminal);
      } else if (action === 'groups') {
        await listGroups({ consumer, ids, query, limit, format }, client, terminal);
      } else if (action === 'show') {
        await showLetter({ consumer, ids, data: options.data === true, format }, client, terminal);
      } else {
        const { all, edit, contentType, merge, rate, dryRun = false } = options;
        await commandLetters(
          { action, consumer, ids, all: all === true, query, edit, contentType, merge, rate, dryRun, format },
          client,
          terminal,
        );
      }
    });
}
