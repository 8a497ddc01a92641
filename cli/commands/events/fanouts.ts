// `tenfold fanouts`: the jobs of fan-outs: found, looked at with what failed of them,
// cancelled, redriven, waited for.
import { Argument, type Command, Option } from '@commander-js/extra-typings';
import { fanOutStates } from '../../../admin/fan-out-view.ts';
import { parseCount, parseWaitOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
"redrive" tries again what failed of a job, and nothing else; with --wait it follows the job to its end, as "wait" does.
"wait" ends with 0 when the job succeeded; with 5 when it failed, expired or was not done in time; with 4 when it was cancelled.

Examples:
  $ tenfold fanouts list                                     the newest jobs of all fan-outs
  $ tenfold fanouts list renditions --state failed
  $ tenfold fanouts show renditions 3-17-5f0c9b1d2a3e4f60    with the items that failed
  $ tenfold fanouts redrive renditions 3-17-5f0c9b1d2a3e4f60 --wait
  $ tenfold fanouts cancel renditions 3-17-5f0c9b1d2a3e4f60
  $ tenfold fanouts wait renditions 3-17-5f0c9b1d2a3e4f60 --timeout 10m`;

const LIST_LIMIT = 50;
const FAILED_LIMIT = 20;
const WAIT_MS = 300_000;

export function defineFanOuts(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the FanOut',
    command
      .addArgument(
        new Argument('<ACTION>', 'what to do').choices(['list', 'show', 'redrive', 'cancel', 'wait'] as const),
      )
      .argument('[FANOUT]', 'name of the FanOut')
      .argument('[JOBS...]', 'show, redrive, cancel, wait: ids of jobs')
      .addOption(new Option('--state <STATE>', 'list: only those that are in it').choices(fanOutStates))
      .option('--limit <NUMBER>', `list: how many at most, ${LIST_LIMIT} by default; show: failed items`, parseCount)
      .option('--wait', 'redrive: wait until the job has ended')
      .option('--timeout <DURATION>', 'how long to wait at most, e.g. 1h; 5m by default', parseWaitOption)
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, fanOut, ids, options) => {
      const [{ fanOutJobs }, { listJobs, printJobs, showJobs }, { actOnJobs, cancelJobs }, { waitForJobs }] =
        await Promise.all([
          import('../../jobs/fan-out-jobs.ts'),
          import('../../jobs/show.ts'),
          import('../../jobs/act.ts'),
          import('../../jobs/wait.ts'),
        ]);
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { state, limit, timeout: timeoutMs = WAIT_MS, output: format } = options;
      const target = await findPlatform(options, terminal);
      const kind = fanOutJobs(createAdminClient(target));
      const named = { namespace: namespaceFor(options, target), owner: fanOut, ids, format };
      if (action === 'list') await listJobs(kind, { ...named, state, limit: limit ?? LIST_LIMIT }, terminal);
      else if (action === 'show') await showJobs(kind, { ...named, limit: limit ?? FAILED_LIMIT }, terminal);
      else if (action === 'cancel') await cancelJobs(kind, named, terminal);
      else if (action === 'wait') await waitForJobs(kind, { ...named, timeoutMs }, terminal);
      else {
        const redriven = await actOnJobs(kind, named, kind.redrive, terminal);
        if (options.wait) await waitForJobs(kind, { ...named, timeoutMs }, terminal);
        else if (redriven.length > 0) printJobs(kind, redriven, { format, one: true }, terminal);
      }
    });
}
