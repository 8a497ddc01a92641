// `tenfold topics`: the events of a topic: the first ones, the last ones, or each as it comes;
// sending one of them again; and the catalogue of Topics with their samples.
import { Argument, type Command } from '@commander-js/extra-typings';
import { topicLimits } from '../../../admin/topic-view.ts';
import { parseCount, parseNumber } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import type { PlatformTarget } from '../../platform/find-platform.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
"peek" looks from the oldest event on, or from --from, until it has found so many. "tail" shows the last events, and goes on
with --follow until Ctrl-C. A filter is an expression, as in a Subscription. Both move no Subscription.
"resend" sends the event at a place to its Topic again, as a new event that says what it repeats. All consumers of the Topic
get it, behind the events of its key, or with --consumer one of them alone.
"catalogue" lists Topics with their producers and consumers, or shows one with its schema and its sample events.
"sample" prints these events as JSON, one a line, with a fresh id each. "tenfold publish --batch" takes them.

Examples:
  $ tenfold topics peek orders
  $ tenfold topics peek orders --from 2h --key table-7
  $ tenfold topics peek orders --from 3-17 --limit 1 -o json       the event at offset 17 of partition 3
  $ tenfold topics peek orders --id 5f0c9b1d
  $ tenfold topics tail orders --follow
  $ tenfold topics tail orders --follow --filter 'event.type == "OrderCancelled"'
  $ tenfold topics tail orders --from 10m -o json | jq .data
  $ tenfold topics resend orders 3-17 --dry-run                    what would go to whom
  $ tenfold topics resend orders 3-17 --edit order.json
  $ tenfold topics resend orders 3-17 --consumer receipts         to one consumer alone; view/NAME and pipeline/NAME, too
  $ tenfold topics catalogue -n shop
  $ tenfold topics catalogue orders -n shop                        one of them, with schema and samples
  $ tenfold topics sample orders -n shop | tenfold publish orders -n shop --batch -`;

const PEEK_LIMIT = 10;
const CATALOGUE_LIMIT = 100;

export function defineTopics(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Topic',
    command
      .addArgument(
        new Argument('<ACTION>', 'what to do').choices(['peek', 'tail', 'resend', 'catalogue', 'sample'] as const),
      )
      .argument('[TOPIC]', 'name of the Topic')
      .argument('[EVENT]', 'resend: the place of the event, such as 3-17')
      .option(
        '--from <WHEN>',
        'earliest, latest, a time such as 2026-11-24T08:00:00Z, how long ago, such as 2h, or an event, such as 3-17',
      )
      .option('--filter <EXPRESSION>', 'only events for which it holds, e.g. event.data.cups > 2')
      .option('--key <KEY>', 'only events of one key')
      .option('--id <ID>', 'only events with this id')
      .option('--partition <NUMBER>', 'only this partition', parseNumber)
      .option(
        '--limit <NUMBER>',
        `peek: how many at most; tail: how many of the last; ${PEEK_LIMIT} by default; catalogue: ${CATALOGUE_LIMIT}; sample: all`,
        parseCount,
      )
      .option('--full', 'show up to 1 MiB of data of each event in place of 16 KiB')
      .option('-f, --follow', 'tail: go on with events as they come')
      .option('--edit <FILE|->', 'resend: with the data of this file, - for standard input')
      .option('--content-type <TYPE>', 'resend: media type of these data, where it changes')
      .option('--consumer <NAME>', 'resend: to this consumer alone, such as receipts or view/sold')
      .option('--type <TYPE>', 'sample: type of the events; the name of the Topic by default')
      .option('--dry-run', 'resend: say what would go to whom, and send nothing')
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, place, options) => {
      const { CommandError, createConnector, createAdminClient, ...act } = await loadActions();
      const { from, filter, key, id, partition, limit, full, follow = false, output: format } = options;
      const select = { filter, key, id, partition, dataBytes: full ? topicLimits.mostDataBytes : undefined };
      const find = createConnector(options, terminal);
      let target: PlatformTarget | undefined = await find();
      const topic = { name, namespace: namespaceFor(options, target) };
      const connect = async () => {
        const found = target ?? (await find());
        target = undefined;
        return createAdminClient(found);
      };
      const { edit, contentType, consumer, dryRun = false, type } = options;
      if (type !== undefined && action !== 'sample') throw new CommandError('usage', '--type is for sample.');
      if (action === 'resend') {
        const request = { topic, place, edit, contentType, consumer, dryRun, format };
        return act.resendEvent(request, await connect(), terminal);
      }
      if ([place, edit, contentType, consumer].some(each => each !== undefined) || dryRun) {
        const message = 'The place of an event, --edit, --content-type, --consumer and --dry-run are for resend.';
        throw new CommandError('usage', message);
      }
      if (action === 'sample' || action === 'catalogue') {
        if ([from, filter, key, id, partition, full].some(each => each !== undefined) || follow) {
          const message = '--from, --filter, --key, --id, --partition, --full and --follow are for peek and tail.';
          throw new CommandError('usage', message);
        }
        if (action === 'sample') return act.printSamples({ topic, type, limit, format }, await connect(), terminal);
        return act.showCatalogue({ topic, limit: limit ?? CATALOGUE_LIMIT, format }, await connect(), terminal);
      }
      if (action === 'peek' && follow) throw new CommandError('usage', '--follow is for tail, not for peek.');
      await untilInterrupted(async signal => {
        if (action === 'tail') {
          const request = { topic, from, last: limit, select, follow, format, signal };
          return act.tailTopic(request, connect, terminal);
        }
        const request = { topic, from, select, limit: limit ?? PEEK_LIMIT, format, signal };
        return act.peekTopic(request, await connect(), terminal);
      });
    });
}

/** A command loads what it needs when it runs. */
async function loadActions() {
  const [peek, tail, resend, catalogue, sample, connector, client, error] = await Promise.all([
    import('../../topics/peek.ts'),
    import('../../topics/tail.ts'),
    import('../../topics/resend.ts'),
    import('../../topics/catalogue.ts'),
    import('../../topics/sample.ts'),
    import('../../platform/connector.ts'),
    import('../../platform/admin-client.ts'),
    import('../../command-error.ts'),
  ]);
  return { ...peek, ...tail, ...resend, ...catalogue, ...sample, ...connector, ...client, ...error };
}

async function untilInterrupted(look: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await look(stop.signal);
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}
