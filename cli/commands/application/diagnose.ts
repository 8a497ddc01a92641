// `tenfold diagnose`: what is wrong with a running application.
import type { Command } from '@commander-js/extra-typings';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
It looks at all resources, at what waits, fails and was given up, and at the platform itself. It ends with 0 when all is
well, and with 6 when something is wrong or cannot be asked.

Examples:
  $ tenfold diagnose
  $ tenfold diagnose -n shop           one namespace, and the platform
  $ tenfold diagnose -o json           the same as data, for programs`;

export function defineDiagnose(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only this namespace, and the platform as a whole',
    command.addOption(outputOption(['text', 'json', 'yaml'], 'text')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async ({ output: format, ...options }) => {
      const [{ showDiagnosis }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../diagnose/show-diagnosis.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      await showDiagnosis(createAdminClient(target), { namespace, format }, terminal);
    });
}
