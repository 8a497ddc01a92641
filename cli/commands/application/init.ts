// `tenfold init`: writes a small application that runs, with a test that passes.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { shortPath } from '../../short-path.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Examples:
  $ tenfold init my-shop
  $ tenfold init . --force`;

export function defineInit(command: Command, terminal: Terminal): void {
  command
    .argument('[DIR]', 'folder to write to; it is created', '.')
    .option('--force', 'overwrite files that are there already')
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      const { writeApplication } = await import('../../init/write-application.ts');
      const directory = resolve(terminal.cwd, dir);
      const files = await writeApplication(directory, options.force === true);
      const { err } = terminal;
      const where = shortPath(directory, terminal.cwd);
      terminal.say(`${err.green('Written')} to ${where}:`);
      for (const file of files) terminal.print(file);
      terminal.say('\nNext:');
      for (const line of [...(where === '.' ? [] : [`cd ${where}`]), 'npm install', 'npm test', 'npm run dev']) {
        terminal.say(`  $ ${line}`);
      }
    });
}
