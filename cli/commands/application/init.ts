// `tenfold init`: writes a small application that runs, with a test that passes.
import { resolve } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { applicationTemplates, templateNames } from '../../init/application-templates.ts';
import { shortPath } from '../../short-path.ts';
import type { Terminal } from '../../terminal.ts';

/** People type these words before the folder, and these dashes before the options. */
export interface TypedWords {
  readonly command: string;
  readonly dashes: string;
}

const TENFOLD: TypedWords = { command: 'tenfold init', dashes: '' };

export function defineInit(
  command: Command,
  terminal: Terminal,
  { command: typed, dashes }: TypedWords = TENFOLD,
): void {
  command
    .argument('[DIR]', 'folder to write to; it is created', '.')
    .addOption(
      new Option('-t, --template <NAME>', 'what to begin with').choices(templateNames).default('function' as const),
    )
    .option('--list', 'print the templates, and write nothing')
    .option('--force', 'overwrite files that are there already')
    .addHelpText('after', examplesOf(typed, dashes))
    .action(async (dir, { template, list, force }) => {
      if (list === true) return terminal.print(templateRows());
      const { writeApplication } = await import('../../init/write-application.ts');
      const directory = resolve(terminal.cwd, dir);
      const { files, next } = await writeApplication({
        directory,
        template,
        force: force === true,
        overwrite: dashes === '' ? '--force' : `"${typed} DIR ${dashes}--force"`,
        userAgent: terminal.env['npm_config_user_agent'],
      });
      const { err } = terminal;
      const where = shortPath(directory, terminal.cwd);
      terminal.say(`${err.green('Written')} to ${where}:`);
      for (const file of files) terminal.print(file);
      terminal.say('\nNext:');
      for (const line of [...(where === '.' ? [] : [`cd ${where}`]), ...next]) terminal.say(`  $ ${line}`);
    });
}

function examplesOf(typed: string, dashes: string): string {
  return `
Templates:
${templateRows()}

Examples:
  $ ${typed} my-shop
  $ ${typed} my-shop ${dashes}--template queue
  $ ${typed} . ${dashes}--force`;
}

function templateRows(): string {
  return Object.entries(applicationTemplates)
    .map(([name, summary]) => `  ${name.padEnd(14)}${summary}`)
    .join('\n');
}
