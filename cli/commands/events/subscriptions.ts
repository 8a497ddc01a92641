// `tenfold subscriptions`: how far Subscriptions and Queues have come;
// pausing, resuming, replaying.
import { Argument, type Command } from '@commander-js/extra-typings';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A Queue can be paused and resumed, too: queue/NAME. A pause lasts until "resume", over restarts as well. A replay delivers
what the topic held when it began, from a time on, beside the Subscription and without moving it; it has a name of its
own, ends by itself, and is forgotten with "end".

Examples:
  $ tenfold subscriptions list
  $ tenfold subscriptions pause video-wall
  $ tenfold subscriptions resume video-wall
  $ tenfold subscriptions replay video-wall --from earliest
  $ tenfold subscriptions replay video-wall --from 2h              what came in the last two hours
  $ tenfold subscriptions replay video-wall --from 2026-11-24T08:00:00Z --to late-wall
  $ tenfold subscriptions end video-wall-replay-1`;

export function defineSubscriptions(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Subscription',
    command
      .addArgument(
        new Argument('<ACTION>', 'what to do').choices(['list', 'pause', 'resume', 'replay', 'end'] as const),
      )
      .argument('[SUBSCRIPTION]', 'its name, or queue/NAME; end: the name of a replay')
      .option('--from <WHEN>', 'replay: earliest, a time such as 2026-11-24T08:00:00Z, or how long ago, such as 2h')
      .option('--to <FUNCTION>', "replay: this function gets the events, in place of the Subscription's target")
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, name, options) => {
      const [{ actOnSubscription, listSubscriptions }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../subscriptions/act.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { from, to, output: format } = options;
      const target = await findPlatform(options, terminal);
      const consumerRequest = { name, namespace: namespaceFor(options, target) };
      const request = { consumerRequest, from, to, format };
      const client = createAdminClient(target);
      if (action === 'list') await listSubscriptions(request, client, terminal);
      else await actOnSubscription({ ...request, action }, client, terminal);
    });
}
