// `tenfold jobs cancel` and `wait`.
import { setTimeout as pause } from 'node:timers/promises';
import type { JobSummary } from '../../admin/job-view.ts';
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { findQueue, isFinal, type NamedJobs } from './find-jobs.ts';
import { printJobs } from './show.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Shorter than a call of the admin API may take. */
const LONGEST_POLL_MS = 5_000;

export async function cancelJobs(
  named: NamedJobs,
  client: Pick<AdminClient, 'consumers' | 'cancelJob'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, queue } = await findQueue(named, client);
  const after: JobSummary[] = [];
  let failed = false;
  for (const id of named.ids) {
    try {
      after.push(await client.cancelJob(namespace, queue, id));
    } catch (error) {
      // One that has ended does not keep the others running.
      if (named.ids.length === 1 || !(error instanceof TenfoldError) || error.retryable) throw error;
      failed = true;
      terminal.say(`${terminal.err.red(id)}: ${error.message}`);
    }
  }
  if (after.length > 0) printJobs(after, { format: named.format, one: true }, terminal);
  if (after.some(job => !isFinal(job))) terminal.say('What runs ends as soon as its function does.');
  if (failed) terminal.exitCode = exitCodes.refused.code;
}

/** A platform that starts anew meanwhile does not end the wait. */
export async function waitForJobs(
  named: NamedJobs & { readonly timeoutMs: number },
  client: Pick<AdminClient, 'consumers' | 'job'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, queue } = await findQueue(named, client);
  const end = performance.now() + named.timeoutMs;
  const jobs = new Map<string, JobSummary | undefined>(named.ids.map(id => [id, undefined]));
  const progress = createProgress(jobs.size === 1 ? 'done' : 'jobs done', terminal);
  try {
    for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(longest * 1.5, LONGEST_PAUSE_MS)) {
      const open = [...jobs].filter(([, job]) => !job || !isFinal(job));
      const began = performance.now();
      // The platform says when the first one has ended; the others are looked at then.
      let left = Math.floor(Math.min(LONGEST_POLL_MS, Math.max(0, end - began)));
      for (const [id] of open) {
        const wait = `${left}ms`;
        jobs.set(id, await look(() => client.job(namespace, queue, id, wait), jobs.get(id)));
        left = 0;
      }
      const running = [...jobs].filter(([, job]) => !job || !isFinal(job));
      if (running.length === 0) break;
      progress.update(jobs.size - running.length, jobs.size);
      if (performance.now() >= end) throw notInTime(running, named.timeoutMs);
      // Only where the platform is away, or would not wait.
      await pause(Math.max(0, Math.min(began + longest, end) - performance.now()));
    }
  } finally {
    progress.end();
  }
  const ended = [...jobs.values()].filter(job => job !== undefined);
  printJobs(ended, { format: named.format, one: true }, terminal);
  terminal.exitCode = Math.max(...ended.map(exitFor));
}

async function look(ask: () => Promise<JobSummary>, before: JobSummary | undefined): Promise<JobSummary | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRetryable(error) || (error instanceof CommandError && error.code === 'platform-unreachable')) return before;
    throw error;
  }
}

function notInTime(left: readonly [string, JobSummary | undefined][], timeoutMs: number): CommandError {
  const states = left.map(([id, job]) => `${id} is ${job?.state ?? 'not known'}`);
  return new CommandError('not-in-time', `Not done within ${formatDuration(timeoutMs)}: ${states.join(', ')}.`, {
    hint: 'wait on with --timeout, or see how the queue does with "tenfold top".',
  });
}

function exitFor({ state }: JobSummary): number {
  if (state === 'succeeded') return exitCodes.ok.code;
  return state === 'cancelled' ? exitCodes.refused.code : exitCodes.failed.code;
}
