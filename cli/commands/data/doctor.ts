// `tenfold doctor`: checks the data of an application, saves the readable part, and repairs objects
// of a running one.
import type { Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { outputOption } from '../../output/output-option.ts';
import { withWayOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
It reads everything, the contents of objects included, and changes nothing; no platform may have the database open meanwhile. It
ends with 0 when all that was acknowledged is there and sound, and with 1 when something is damaged: then it says what, and what
that belongs to.

With --online a running platform reads the contents of its objects, in the folder or in S3. With --repair it then makes damaged
files of archives anew from the log where that still has the events, and says of everything else what is lost.

Examples:
  $ tenfold doctor my-shop
  $ tenfold doctor --data /var/lib/tenfold
  $ tenfold doctor my-shop --salvage saved/tenfold.db   a new database of all that is sound
  $ tenfold doctor my-shop --online
  $ tenfold doctor my-shop --repair --dry-run           what would be done, and what is lost
  $ kubectl tenfold doctor --online                     the objects of the platform in a cluster`;

export function defineDoctor(command: Command, terminal: Terminal): void {
  withWayOptions(
    command
      .argument('[DIR]', 'application folder; without it the working folder')
      .option('--data <DIR>', 'folder of the database, where "dev" or "serve" is given one')
      .option('--salvage <FILE>', 'write all that is sound into this new database')
      .option('--online', 'ask the running platform to read its objects')
      .option('--repair', 'have it repair those that are damaged, where that can be done')
      .option('--dry-run', 'with --repair: only say what would be done'),
  )
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (dir, { data, salvage, online, repair = false, dryRun = false, output, ...way }) => {
      if (dryRun && !repair)
        throw new CommandError('usage', '--dry-run says what --repair would do, which is missing.');
      const { token: _, ...elsewhere } = way;
      const isElsewhere = Object.values(elsewhere).some(option => option !== undefined);
      if (isElsewhere && !online && !repair)
        throw new CommandError('usage', '--admin and the options of a cluster name a running platform: add --online.');
      if (isElsewhere && dir !== undefined)
        throw new CommandError(
          'usage',
          `${dir} and the other options name different platforms: leave out one of them.`,
        );
      if (!online && !repair) {
        const { examineDatabase } = await import('../../doctor/examine.ts');
        return examineDatabase({ directory: dir ?? '.', data, salvage, format: output }, terminal);
      }
      if (data !== undefined || salvage !== undefined)
        throw new CommandError('usage', 'A running platform knows its data itself: leave out --data and --salvage.');
      const [{ findPlatform }, { createAdminClient }, { doctorOnline }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
        import('../../doctor/online.ts'),
      ]);
      const client = createAdminClient(await findPlatform({ ...way, dir }, terminal));
      await doctorOnline(client, { repair, dryRun, format: output }, terminal);
    });
}
