// `tenfold jobs cancel` and `wait`.
import { setTimeout as pause } from 'node:timers/promises';
import type { JobSummary } from '../../admin/job-view.ts';
import {
  actOnEach,
  exitFor,
  FIRST_PAUSE_MS,
  isFinal,
  LONGEST_PAUSE_MS,
  notInTime,
  readJob,
} from '../events/job-actions.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { findQueue, type NamedJobs } from './find-jobs.ts';
import { printJobs } from './show.ts';

/** Shorter than a call of the admin API may take. */
const LONGEST_POLL_MS = 5_000;

export async function cancelJobs(
  named: NamedJobs,
  client: Pick<AdminClient, 'consumers' | 'cancelJob'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, queue } = await findQueue(named, client);
  const after = await actOnEach(named.ids, id => client.cancelJob(namespace, queue, id), terminal);
  if (after.length > 0) printJobs(after, { format: named.format, one: true }, terminal);
  if (after.some(job => !isFinal(job))) terminal.say('Running work ends as soon as its function does.');
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
        jobs.set(id, await readJob(() => client.job(namespace, queue, id, wait), jobs.get(id)));
        left = 0;
      }
      const running = [...jobs].filter(([, job]) => !job || !isFinal(job));
      if (running.length === 0) break;
      progress.update(jobs.size - running.length, jobs.size);
      if (performance.now() >= end) throw notInTime(running, named.timeoutMs, 'how the queue does with "tenfold top"');
      // Pauses only where the platform is away, or would not wait.
      await pause(Math.max(0, Math.min(began + longest, end) - performance.now()));
    }
  } finally {
    progress.end();
  }
  const ended = [...jobs.values()].filter(job => job !== undefined);
  printJobs(ended, { format: named.format, one: true }, terminal);
  terminal.exitCode = exitFor(ended);
}
