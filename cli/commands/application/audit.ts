// `tenfold audit`: who changed what.
import { type Command, Option } from '@commander-js/extra-typings';
import { auditOutcomes } from '../../../admin/audit-view.ts';
import { parseCount, parseTimeOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Every change by the admin API is in it, by commands and by others: when, from where, what was asked, and how it ended.
"unknown" is one whose process ended in the midst of it. It is kept for a year, in the event log.

Examples:
  $ tenfold audit
  $ tenfold audit --limit 500 -o wide   with the client and what was asked
  $ tenfold audit -n shop               what was changed in one namespace
  $ tenfold audit --by ann --since 2d   what somebody has done in two days
  $ tenfold audit --action pause        who has paused something
  $ tenfold audit --outcome refused     what somebody tried and might not
  $ tenfold audit -o json`;

const LIMIT = 50;

export function defineAudit(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only changes in this namespace',
    command
      .option('--by <TEXT>', 'only by callers whose name mentions this')
      .option('--action <TEXT>', 'only actions that mention this, such as pause, or the path of the admin API')
      .addOption(new Option('--outcome <OUTCOME>', 'only those that ended so').choices(auditOutcomes))
      .option(
        '--since <TIME>',
        'only what began since: a time such as 2026-11-24T08:00:00Z, or how long ago, such as 2h',
        parseTimeOption,
      )
      .option('--until <TIME>', 'only what began before', parseTimeOption)
      .option('--limit <NUMBER>', `how many at most; ${LIMIT} by default`, parseCount)
      .addOption(outputOption(['table', 'wide', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async ({ limit = LIMIT, output: format, by, action, outcome, since, until, ...options }) => {
      const [{ showAudit }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../audit/show-audit.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      const filter = { by, action, outcome, since, until };
      await showAudit(createAdminClient(target), { namespace, ...filter, limit, format }, terminal);
    });
}
