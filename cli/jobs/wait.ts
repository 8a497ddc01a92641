// `wait` of `tenfold jobs` and `tenfold fanouts`: until all jobs have ended, with a progress bar.
// The exit code says how they ended.
import { setTimeout as pause } from 'node:timers/promises';
import { isRetryable } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { isFinal, type Job, type JobKind, type NamedJobs, ownerOf } from './job-kind.ts';
import { printJobs } from './show.ts';

/** Pauses between two rounds, which become longer. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Shorter than a call of the admin API may take. */
const LONGEST_POLL_MS = 5_000;

/** A platform that restarts meanwhile does not end the wait. */
export async function waitForJobs<J extends Job>(
  kind: JobKind<J>,
  named: NamedJobs & { readonly timeoutMs: number },
  terminal: Terminal,
): Promise<void> {
  const owner = await ownerOf(kind, named);
  const end = performance.now() + named.timeoutMs;
  const jobs = new Map<string, J | undefined>(named.ids.map(id => [id, undefined]));
  const progress = createProgress(kind.progressWords(jobs.size), terminal);
  try {
    for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(longest * 1.5, LONGEST_PAUSE_MS)) {
      const began = performance.now();
      // The platform answers when the first of them has ended; the others
      // are read right after that.
      let waitMs = Math.floor(Math.min(LONGEST_POLL_MS, Math.max(0, end - began)));
      for (const [id, known] of jobs) {
        if (known && isFinal(known)) continue;
        jobs.set(id, await readUnlessAway(() => kind.read(owner, id, waitMs), known));
        waitMs = 0;
      }
      const open = [...jobs].filter(([, job]) => !job || !isFinal(job));
      if (open.length === 0) break;
      const { done, total } = kind.progress([...jobs.values()]);
      progress.update(done, total);
      if (performance.now() >= end) {
        const why = kind.whySlow(
          owner,
          open.map(([id]) => id),
        );
        throw notInTime(open, named.timeoutMs, why);
      }
      // The platform may be away, or not wait before it answers: then this process pauses.
      await pause(Math.max(0, Math.min(began + longest, end) - performance.now()));
    }
  } finally {
    progress.end();
  }
  const ended = [...jobs.values()].filter(job => job !== undefined);
  printJobs(kind, ended, { format: named.format, one: true }, terminal);
  terminal.exitCode = exitFor(ended);
}

/** The job as it was `before` when the platform does not answer: it may be restarting. */
async function readUnlessAway<J>(read: () => Promise<J>, before: J | undefined): Promise<J | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isRetryable(error) || (error instanceof CommandError && error.code === 'platform-unreachable')) return before;
    throw error;
  }
}

function notInTime(left: readonly [string, Job | undefined][], timeoutMs: number, whySlow: string): CommandError {
  const states = left.map(([id, job]) => `${id} is ${job?.state ?? 'not known'}`);
  return new CommandError('not-in-time', `Not done within ${formatDuration(timeoutMs)}: ${states.join(', ')}.`, {
    hint: `wait on with --timeout, or see ${whySlow}.`,
  });
}

/** The worst end of a job decides. */
function exitFor(ended: readonly Job[]): number {
  return Math.max(
    ...ended.map(({ state }) => {
      if (state === 'succeeded') return exitCodes.ok.code;
      return state === 'cancelled' ? exitCodes.refused.code : exitCodes.failed.code;
    }),
  );
}
