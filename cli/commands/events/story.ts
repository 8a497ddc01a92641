// `tenfold story`: finds an event by its names and says what became of it.
import type { Command } from '@commander-js/extra-typings';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
It takes the text for the id of a job, a trace or the id of an event, and last for a key. It may also be the place of an
event, such as 3-17, as "dead list" and "parked list" name it; --topic says in which Topic. Where several events are
found, it lists them, the newest first.

Examples:
  $ tenfold story 5f0c9b1d
  $ tenfold story table-7 --from 2h
  $ tenfold story 5f0c9b1d --follow          until each consumer has passed it or given it up
  $ tenfold story 4bf92f3577b34da6a3ce929d0e0e4736
  $ tenfold story 3-17                       copied from "tenfold dead list"
  $ tenfold story 3-17 --topic orders`;

export function defineStory(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Topics and Queues',
    command
      .argument('<EVENT>', 'id or key of the event, its trace, the id of its job, or its place')
      .option('--topic <TOPIC>', 'only this Topic')
      .option('--from <WHEN>', 'only events from then on: a time, or how long ago, such as 2h')
      .option('--until <WHEN>', 'only events before')
      .option('--led-since <TIME>', 'search only from then on for what the event led to')
      .option('--from-before <TIME>', 'search only before that for what it came from')
      .option('--follow', 'then tell what changes of it, until nothing of it goes on')
      .addOption(outputOption(['table', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (event, options) => {
      const [{ tellStory }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../story/tell-story.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { topic, from, until, output: format, ledSince, fromBefore } = options;
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      const client = createAdminClient(target);
      const stop = new AbortController();
      const end = () => stop.abort();
      process.once('SIGINT', end).once('SIGTERM', end);
      try {
        const links = { ledSince, fromBefore };
        const connect = async () => createAdminClient(await findPlatform(options, terminal));
        const follow = options.follow ? { connect } : undefined;
        const request = { event, namespace, topic, from, until, links, format, follow, signal: stop.signal };
        await tellStory(request, client, terminal);
      } finally {
        process.off('SIGINT', end).off('SIGTERM', end);
      }
    });
}
