// Builds the command line out of the table of commands, loading the code of those that are needed.
import { Command } from '@commander-js/extra-typings';
import { packageVersion } from '../server/version.ts';
import { type CommandEntry, commands } from './commands.ts';
import { configureCommand } from './configure-command.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  $ tenfold init my-shop            write a new application
  $ tenfold dev my-shop             run it and follow changes
  $ tenfold invoke greeter          call one of its functions
  $ tenfold get routes              see what it answers to

Exit codes, environment variables and every option: docs/cli.md`;

/** Loads the commands that `wanted` picks; the others appear in the help only. */
export async function createProgram(terminal: Terminal, wanted: (entry: CommandEntry) => boolean): Promise<Command> {
  const program = configureCommand(new Command('tenfold'), terminal)
    .description('Serverless architecture patterns as resources, on your laptop and on Kubernetes.')
    .version(packageVersion, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', EXAMPLES);
  for (const entry of commands) {
    const command = program.command(entry.name, { hidden: entry.hidden ?? false }).description(entry.summary);
    command.showHelpAfterError(`Next: see "tenfold ${entry.name} --help".`);
    if (wanted(entry)) (await entry.load())(command, terminal);
  }
  program.showHelpAfterError('Next: see "tenfold --help".');
  return program;
}
