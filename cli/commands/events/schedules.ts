// `tenfold schedules`: when Topics, Queues and FanOuts get runs by the clock; pausing, resuming,
// running now.
import { Argument, type Command } from '@commander-js/extra-typings';
import { parseCount } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A schedule is named by its resource: queue/NAME/SCHEDULE, topic/NAME/SCHEDULE or fanout/NAME/SCHEDULE. A pause lasts until
"resume", over restarts as well, and what was due meanwhile is not made up for. "run" begins a run now, also while it is paused.

Examples:
  $ tenfold schedules list
  $ tenfold schedules show queue/reports/nightly        its last runs, and what was left out
  $ tenfold schedules pause queue/reports/nightly
  $ tenfold schedules resume queue/reports/nightly
  $ tenfold schedules run queue/reports/nightly`;

const LIST_LIMIT = 100;

export function defineSchedules(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Topic, Queue or FanOut',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['list', 'show', 'pause', 'resume', 'run'] as const))
      .argument('[SCHEDULE]', 'such as queue/reports/nightly')
      .option('--limit <NUMBER>', `list: how many at most; ${LIST_LIMIT} by default`, parseCount)
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, schedule, options) => {
      const [{ listSchedules, printSchedule }, { actOnSchedule }, { findSchedule }] = await Promise.all([
        import('../../schedules/show.ts'),
        import('../../schedules/act.ts'),
        import('../../schedules/find-schedule.ts'),
      ]);
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { limit = LIST_LIMIT, output: format } = options;
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      const client = createAdminClient(target);
      if (action === 'list') await listSchedules({ namespace, limit, format }, client, terminal);
      else if (action !== 'show') await actOnSchedule({ action, schedule, namespace, format }, client, terminal);
      else printSchedule(await client.schedule(await findSchedule(schedule, namespace, client)), format, terminal);
    });
}
