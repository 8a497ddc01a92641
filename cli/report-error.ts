// Prints an error for a person, with the next command, and picks the exit code.
import { CommanderError } from '@commander-js/extra-typings';
import { TenfoldError } from '../core/errors.ts';
import { CommandError } from './command-error.ts';
import { type ExitName, exitCodes } from './exit-codes.ts';
import { hintFor } from './hints.ts';
import type { Terminal } from './terminal.ts';

export function reportError(error: unknown, terminal: Terminal): number {
  // Commander has printed its errors, and help or version, already.
  if (error instanceof CommanderError) return exitCodes[error.exitCode === 0 ? 'ok' : 'usage'].code;
  const expected = error instanceof CommandError || (error instanceof TenfoldError && error.code !== 'internal');
  const message = expected ? error.message : `Tenfold has a bug: ${stackOf(error)}`;
  terminal.say(`${terminal.err.red('error:')} ${message}`);
  const hint = hintFor(error);
  if (hint) terminal.say(`${terminal.err.cyan('Next:')} ${hint}`);
  return exitCodes[exitFor(error)].code;
}

function exitFor(error: unknown): ExitName {
  if (error instanceof CommandError) return error.exit;
  if (!(error instanceof TenfoldError) || error.code === 'internal') return 'internal';
  if (error.status === 404) return 'notFound';
  if (error.code === 'invalid-resource' || error.code === 'invalid-expression') return 'invalid';
  return error.status < 500 ? 'refused' : 'failed';
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
