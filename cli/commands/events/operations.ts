// `tenfold operations`: actions on many dead letters, parked events or jobs that the server carries
// out: listed, shown, started, paused and stopped.
import { Argument, type Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { parseCount } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Commands that take a selection make an operation: "tenfold dead redrive NAME --all" and the like. The server carries it out,
also when the command that began it has ended, and after a crash. With --dry-run they only plan it, and say how to start it.
"show --failed" lists the items that could not be taken or are in doubt, and why. It is kept for 30 days.

Examples:
  $ tenfold dead redrive wall --group 3f9c01ab42 --dry-run
  $ tenfold operations start 2026-11-30-1f0c9a3e --plan 5d41402abc4b2a76
  $ tenfold operations list
  $ tenfold operations show 2026-11-30-1f0c9a3e
  $ tenfold operations show 2026-11-30-1f0c9a3e --failed --limit 1000
  $ tenfold operations pause 2026-11-30-1f0c9a3e          until "resume"
  $ tenfold operations stop 2026-11-30-1f0c9a3e           for good; what is done stays done`;

const LIST_LIMIT = 100;

export function defineOperations(command: Command, terminal: Terminal): void {
  const actions = ['list', 'show', 'start', 'pause', 'resume', 'stop'] as const;
  withNamespaceOptions(
    'namespace of its Subscription or Queue',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(actions))
      .argument('[OPERATION]', 'its id')
      .option('--plan <TOKEN>', 'start: the token of its plan')
      .option('--failed', 'show: the items that could not be taken or are in doubt')
      .option('--limit <NUMBER>', `list, show: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .addOption(outputOption(['table', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, id, options) => {
      const [{ listOperations, showOperation }, { actOnOperation }, { findPlatform }, { createAdminClient }] =
        await Promise.all([
          import('../../operations/show.ts'),
          import('../../operations/act.ts'),
          import('../../platform/find-platform.ts'),
          import('../../platform/admin-client.ts'),
        ]);
      const { plan: token, failed = false, limit = LIST_LIMIT, output: format } = options;
      if (action !== 'list' && id === undefined)
        throw new CommandError('usage', `It is not said which operation to ${action}.`, {
          hint: '"tenfold operations list" shows them.',
        });
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      const client = createAdminClient(target);
      if (action === 'list' || id === undefined) await listOperations({ namespace, limit, format }, client, terminal);
      else if (action === 'show')
        await showOperation({ namespace: namespace ?? 'default', id }, { failed, limit, format }, client, terminal);
      else
        await actOnOperation(
          { action, name: { namespace: namespace ?? 'default', id }, token, format },
          client,
          terminal,
        );
    });
}
