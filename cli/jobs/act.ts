// `cancel` and `redrive` of `tenfold jobs` and `tenfold fanouts`: acts on each job that is named.
import { TenfoldError } from '../../core/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { isFinal, type Job, type JobKind, type JobOwner, type NamedJobs, ownerOf } from './job-kind.ts';
import { printJobs } from './show.ts';

export async function cancelJobs<J extends Job>(kind: JobKind<J>, named: NamedJobs, terminal: Terminal): Promise<void> {
  const after = await actOnJobs(kind, named, kind.cancel, terminal);
  if (after.length > 0) printJobs(kind, after, { format: named.format, one: true }, terminal);
  if (after.some(job => !isFinal(job))) terminal.say('Running work ends as soon as its function does.');
}

/**
 * Returns the jobs that took the action, and prints for the others why they did not: one in another
 * state does not stop the rest.
 */
export async function actOnJobs<J extends Job>(
  kind: JobKind<J>,
  named: NamedJobs,
  act: (owner: JobOwner, id: string) => Promise<J>,
  terminal: Terminal,
): Promise<readonly J[]> {
  const owner = await ownerOf(kind, named);
  const after: J[] = [];
  for (const id of named.ids) {
    try {
      after.push(await act(owner, id));
    } catch (error) {
      if (named.ids.length === 1 || !(error instanceof TenfoldError) || error.retryable) throw error;
      terminal.exitCode = exitCodes.refused.code;
      terminal.say(`${terminal.err.red(id)}: ${error.message}`);
    }
  }
  return after;
}
