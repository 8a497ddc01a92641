// Runs one command line from its words to its exit code.
import { endWithReader } from './closed-reader.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const A_DAY_MS = 86_400_000;
const LINGERS_MS = 2_000;

/** Answers with the exit code; never throws. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const named = commands.find(entry => words.find(word => !word.startsWith('-') && word !== 'help') === entry.name);
    const everything = named?.name === '__complete';
    const program = await createProgram(terminal, entry => everything || entry === named);
    if (words.length === 0) {
      program.outputHelp();
      return exitCodes.ok.code;
    }
    await program.parseAsync(words, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    return reportError(error, terminal);
  } finally {
    for (const close of terminal.closers.splice(0)) close();
  }
}

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  endWithReader(process.stdout);
  // Node.js ends a process when only unreferenced timers are left, such as those of retries.
  const alive = setInterval(() => {}, A_DAY_MS);
  try {
    process.exitCode = await run(process.argv.slice(2), processTerminal());
  } finally {
    clearInterval(alive);
    endAnyway();
  }
}

/**
 * A forgotten connection, say, must not keep a finished process: its parent would wait for it.
 * Pending output is still written.
 */
function endAnyway(): void {
  const end = () => (process.stdout.writableLength + process.stderr.writableLength > 0 ? endAnyway() : process.exit());
  setTimeout(end, LINGERS_MS).unref();
}
