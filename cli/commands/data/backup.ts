// `tenfold backup`: a copy of the data that a running application keeps on its disk, of one moment.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { parseCount } from '../../option-values.ts';
import { withPlatformOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
The application goes on meanwhile. TARGET is a folder on its machine that is not there yet; it gets its name only when the
back-up is whole and checked. Put it back with "tenfold restore". What is kept in Kafka, Redis, Elasticsearch or S3 is not in it.

Examples:
  $ tenfold backup /backups/2026-11-28
  $ tenfold backup /backups/2026-11-28 --rate 20        at most 20 MiB a second`;

export function defineBackup(command: Command, terminal: Terminal): void {
  withPlatformOptions(
    command
      .argument('<TARGET>', 'folder to be made')
      .option('--rate <MIB>', 'MiB a second at most; 64 by default', parseCount),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (target, { rate, ...choice }) => {
      const [{ findPlatform }, { createAdminClient }, { printBackup }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
        import('../../backup/print-backup.ts'),
      ]);
      const client = createAdminClient(await findPlatform(choice, terminal));
      const bytesPerSecond = rate === undefined ? undefined : rate * 1024 ** 2;
      await printBackup(client.backup({ to: resolve(terminal.cwd, target), bytesPerSecond }), terminal);
    });
}
