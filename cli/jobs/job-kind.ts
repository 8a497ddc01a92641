// The commands on jobs need this of a kind of jobs: those of Queues, or those of FanOuts.
import type { FanOutSummary } from '../../admin/fan-out-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import type { Column } from '../output/table.ts';
import type { Query } from '../platform/admin-call.ts';
import type { Terminal } from '../terminal.ts';

export interface Job {
  readonly id: string;
  readonly namespace: string;
  readonly state: JobSummary['state'] | FanOutSummary['state'];
}

/** The Queue or FanOut whose jobs these are. */
export interface JobOwner {
  readonly namespace: string;
  readonly name: string;
}

export interface JobKind<J extends Job> {
  readonly owner: 'Queue' | 'FanOut';
  /** As in `tenfold jobs list`. */
  readonly command: 'jobs' | 'fanouts';
  /** The name in what a person writes: `import` in `queue/import`. */
  nameIn(text: string): string;
  /** The one owner of that name. Rejects when there is none, or more than one. */
  find(text: string, namespace: string | undefined): Promise<JobOwner>;
  list(owner: Partial<JobOwner>, query: Query): Promise<Page<J>>;
  /** `waitMs`: where the platform can wait, it answers once the job has ended, or after so long. */
  read(owner: JobOwner, id: string, waitMs?: number): Promise<J>;
  cancel(owner: JobOwner, id: string): Promise<J>;
  /** `show` adds this to a job. */
  details?(owner: JobOwner, job: J, limit: number): Promise<JobDetails>;
  ownerOf(job: J): string;
  /** The columns behind the job's id and state. */
  columns(wide: boolean, now: number): Column<J>[];
  /** How far jobs are; undefined stands for a job whose state is not known yet. */
  progress(jobs: readonly (J | undefined)[]): { readonly done: number; readonly total: number };
  /** Names what `progress` counts of so many jobs, as in `3 of 5 jobs done`. */
  progressWords(jobs: number): string;
  /** The place where a person finds out why jobs, of these ids, take so long. */
  whySlow(owner: JobOwner, ids: readonly string[]): string;
}

export interface JobDetails {
  /** Members beside those of the job, as data. */
  readonly data: object;
  print(terminal: Terminal): void;
}

/** The jobs that a command names. */
export interface NamedJobs {
  readonly namespace: string | undefined;
  readonly owner: string | undefined;
  readonly ids: readonly string[];
  readonly format: ListFormat;
}

/** Fails when no job is named. */
export async function ownerOf<J extends Job>(
  { owner, command, find }: JobKind<J>,
  { namespace, owner: text, ids }: NamedJobs,
): Promise<JobOwner> {
  if (text !== undefined && ids.length > 0) return find(text, namespace);
  throw new CommandError('usage', 'It is not said which job.', {
    hint: `name the ${owner} and the id of the job; "tenfold ${command} list" shows them.`,
  });
}

export function isFinal({ state }: Job): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'expired' || state === 'cancelled';
}
