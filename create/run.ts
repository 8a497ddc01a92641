// Runs `tenfold init` as a program of its own, which npm starts for `npm create tenfold`.
import { Command } from '@commander-js/extra-typings';
import { endWithReader } from '../cli/closed-reader.ts';
import { CommandError } from '../cli/command-error.ts';
import { defineInit } from '../cli/commands/application/init.ts';
import { configureCommand } from '../cli/configure-command.ts';
import { reportError } from '../cli/report-error.ts';
import { processTerminal, type Terminal } from '../cli/terminal.ts';
import { packageVersion } from '../server/version.ts';

/** People type this. Npm keeps each option that stands before the two dashes. */
const TYPED = 'npm create tenfold@latest';

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  endWithReader(process.stdout);
  process.exitCode = await run(process.argv.slice(2), processTerminal());
}

/** Answers with the exit code; never throws. */
async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    refuseKept(words, terminal);
    const command = configureCommand(new Command(`${TYPED} --`), terminal)
      .description('Writes a small application that runs, with a test.')
      .version(packageVersion, '-V, --version', 'print the version')
      .showHelpAfterError(`Next: see "${TYPED} -- --help".`);
    defineInit(command, terminal, { command: TYPED, dashes: '-- ' });
    await command.parseAsync(words, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** Npm tells of an option that it kept by a setting of the same name. */
function refuseKept(words: readonly string[], { env }: Terminal): void {
  const template = env['npm_config_template'];
  if (template === undefined || words.some(word => /^(-t|--template)/.test(word))) return;
  throw new CommandError('usage', 'npm kept the option --template for itself, and nothing was written.', {
    hint: `put two dashes before it: "${TYPED} DIR -- --template NAME".`,
  });
}
