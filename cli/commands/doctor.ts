// `tenfold doctor`: whether the database of an application is sound, and saving what is readable of one that is not.
import type { Command } from '@commander-js/extra-typings';
import { outputOption } from '../output/output-option.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
It reads everything and changes nothing; no platform may have the database open meanwhile. It ends with 0 when all that was
acknowledged is there and sound, and with 1 when something is damaged: then it says what.

Examples:
  $ tenfold doctor my-shop
  $ tenfold doctor --data /var/lib/tenfold
  $ tenfold doctor my-shop --salvage saved/tenfold.db   a new database of all that is sound`;

export function defineDoctor(command: Command, terminal: Terminal): void {
  command
    .argument('[DIR]', 'application folder', '.')
    .option('--data <DIR>', 'folder of the database, where "dev" or "serve" is given one')
    .option('--salvage <FILE>', 'write all that is sound into this new database')
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (directory, { data, salvage, output }) => {
      const { examineDatabase } = await import('../doctor/examine.ts');
      examineDatabase({ directory, data, salvage, format: output }, terminal);
    });
}
