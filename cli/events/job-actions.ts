// The actions of commands on jobs, be they of Queues or of FanOuts: act on each, poll until all
// have ended, and print the result.
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface Job {
  readonly state: string;
}

/** Pauses between two looks, which become longer. */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 2_000;

export function isFinal({ state }: Job): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'expired' || state === 'cancelled';
}

/**
 * Returns the jobs that took the action, and prints for the others why they did not: one in another
 * state does not stop the rest.
 */
export async function actOnEach<J>(
  ids: readonly string[],
  act: (id: string) => Promise<J>,
  terminal: Terminal,
): Promise<readonly J[]> {
  const after: J[] = [];
  for (const id of ids) {
    try {
      after.push(await act(id));
    } catch (error) {
      if (ids.length === 1 || !(error instanceof TenfoldError) || error.retryable) throw error;
      terminal.exitCode = exitCodes.refused.code;
      terminal.say(`${terminal.err.red(id)}: ${error.message}`);
    }
  }
  return after;
}

/** The job in its last state where the platform does not answer: it may start anew meanwhile. */
export async function readJob<J>(ask: () => Promise<J>, before: J | undefined): Promise<J | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRetryable(error) || (error instanceof CommandError && error.code === 'platform-unreachable')) return before;
    throw error;
  }
}

export function notInTime(
  left: readonly [string, Job | undefined][],
  timeoutMs: number,
  whatToSee: string,
): CommandError {
  const states = left.map(([id, job]) => `${id} is ${job?.state ?? 'not known'}`);
  return new CommandError('not-in-time', `Not done within ${formatDuration(timeoutMs)}: ${states.join(', ')}.`, {
    hint: `wait on with --timeout, or see ${whatToSee}.`,
  });
}

/** The worst of them is that of the command. */
export function exitFor(ended: readonly Job[]): number {
  return Math.max(
    ...ended.map(({ state }) => {
      if (state === 'succeeded') return exitCodes.ok.code;
      return state === 'cancelled' ? exitCodes.refused.code : exitCodes.failed.code;
    }),
  );
}
