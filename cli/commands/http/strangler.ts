// `tenfold strangler`: how the features of a Strangler do, and moving them between their phases.
import { Argument, type Command } from '@commander-js/extra-typings';
import { PHASES } from '../../../gateway/strangler/phase/phase-state.ts';
import { parsePercent } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A move takes effect at once and is kept over restarts, until the resource says something new: the last word counts.

Examples:
  $ tenfold strangler show                        all features and their phases
  $ tenfold strangler show shop orders            one, with differences, latencies and the moves so far
  $ tenfold strangler set shop orders shadow
  $ tenfold strangler set shop orders canary --percent 25 --reason "quiet morning"
  $ tenfold strangler promote shop orders         one step on
  $ tenfold strangler promote shop orders --force even while legacy is far behind the new side
  $ tenfold strangler back-out shop orders        legacy answers again`;

export function defineStrangler(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the Strangler',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['show', 'set', 'promote', 'back-out'] as const))
      .argument('[STRANGLER]', 'name of the Strangler')
      .argument('[FEATURE]', 'name of one of its features')
      .addArgument(new Argument('[PHASE]', 'set: where it is to stand').choices(PHASES))
      .option('--percent <NUMBER>', 'set canary: share of the clients that the new side answers', parsePercent)
      .option('--reason <TEXT>', 'why it is moved; kept in the report and in the log')
      .option('--force', 'promote, set retired: also while legacy has not got every change of the new side')
      .addOption(outputOption(['table', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, strangler, feature, phase, options) => {
      const [{ showStranglers }, { moveFeature }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../strangler/show.ts'),
        import('../../strangler/move.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { percent, reason, output } = options;
      const force = options.force === true;
      const target = await findPlatform(options, terminal);
      const wanted = { namespace: namespaceFor(options, target), strangler, feature };
      const client = createAdminClient(target);
      if (action === 'show') {
        const { data, talk } = await showStranglers(wanted, client, output, terminal);
        if (data !== undefined) terminal.print(data);
        if (talk !== undefined) terminal.say(talk);
        return;
      }
      const { data, talk } = await moveFeature({ ...wanted, action, phase, percent, reason, force }, client, output);
      terminal.print(data);
      if (talk !== undefined) terminal.say(talk);
    });
}
