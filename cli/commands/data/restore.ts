// `tenfold restore`: puts a back-up in the place of what an application keeps on its disk.
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
The application must be stopped, and there must be no database in its place: move the old one away first. The back-up is checked before
and after. What came after it was made is gone, also what was delivered by then: functions get events again that were not handled yet.

Examples:
  $ tenfold restore /backups/2026-11-28 my-shop
  $ tenfold restore /backups/2026-11-28 --data /var/lib/tenfold`;

export function defineRestore(command: Command, terminal: Terminal): void {
  command
    .argument('<BACKUP>', 'folder that "tenfold backup" has made')
    .argument('[DIR]', 'application folder', '.')
    .option('--data <DIR>', 'folder of the database, where "dev" or "serve" is given one')
    .addHelpText('after', EXAMPLES)
    .action(async (from, directory, { data }) => {
      const { restoreBackup } = await import('../../backup/restore-backup.ts');
      restoreBackup({ from, directory, data }, terminal);
    });
}
