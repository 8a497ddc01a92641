// `tenfold jobs`: the jobs of queues: found, looked at, cancelled, waited for.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import { jobStates } from '../../../admin/job-view.ts';
import { parseCount, parseWaitOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
"wait" ends with 0 when the job succeeded; with 5 when it failed, expired or was not done in time; with 4 when it was cancelled.
With several jobs it waits for all, and the worst of them decides.

Examples:
  $ tenfold jobs list                                    the newest of all queues
  $ tenfold jobs list import --state failed
  $ tenfold jobs show import 0-17-5f0c9b1d2a3e4f60
  $ tenfold jobs show import 0-17-5f0c9b1d2a3e4f60 --result > report.pdf
  $ tenfold jobs cancel import 0-17-5f0c9b1d2a3e4f60
  $ tenfold jobs wait import 0-17-5f0c9b1d2a3e4f60 --timeout 10m`;

const LIST_LIMIT = 50;
const WAIT_MS = 300_000;

export function defineJobs(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Queue',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['list', 'show', 'cancel', 'wait'] as const))
      .argument('[QUEUE]', 'name of the Queue')
      .argument('[JOBS...]', 'show, cancel, wait: ids of jobs')
      .addOption(new Option('--state <STATE>', 'list: only those that are in it').choices(jobStates))
      .option('--limit <NUMBER>', `list: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .option('--result', "show: print the job's result alone, as its function answered it")
      .option('--timeout <DURATION>', 'wait: how long at most, e.g. 1h; 5m by default', parseWaitOption)
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, queue, ids, options) => {
      const [{ queueJobs }, { listJobs, showJobs }, { cancelJobs }, { waitForJobs }, platform, admin] =
        await Promise.all([
          import('../../jobs/queue-jobs.ts'),
          import('../../jobs/show.ts'),
          import('../../jobs/act.ts'),
          import('../../jobs/wait.ts'),
          import('../../platform/find-platform.ts'),
          import('../../platform/admin-client.ts'),
        ]);
      const { state, limit = LIST_LIMIT, timeout: timeoutMs = WAIT_MS, output: format } = options;
      const target = await platform.findPlatform(options, terminal);
      const kind = queueJobs(admin.createAdminClient(target));
      const named = { namespace: namespaceFor(options, target), owner: queue, ids, format };
      if (options.result) {
        const [{ printResult }, { findInternalListener }, { CommandError }] = await Promise.all([
          import('../../jobs/result.ts'),
          import('../../platform/internal-listener.ts'),
          import('../../command-error.ts'),
        ]);
        if (action !== 'show') throw new CommandError('usage', `--result is for show, not for ${action}.`);
        await printResult(kind, named, where => findInternalListener(options, where, terminal), terminal);
      } else if (action === 'list') await listJobs(kind, { ...named, state, limit }, terminal);
      else if (action === 'show') await showJobs(kind, { ...named, limit }, terminal);
      else if (action === 'cancel') await cancelJobs(kind, named, terminal);
      else await waitForJobs(kind, { ...named, timeoutMs }, terminal);
    });
}
