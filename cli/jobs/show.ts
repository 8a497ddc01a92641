// `tenfold jobs list` and `show`: jobs as tables, or everything about some.
import type { JobSummary } from '../../admin/job-view.ts';
import { CommandError } from '../command-error.ts';
import { collectPages } from '../output/collect-pages.ts';
import { printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import type { Column } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf, relativeAge, tookOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { findQueue, type NamedJobs } from './find-jobs.ts';

export interface JobListRequest extends NamedJobs {
  readonly state: string | undefined;
  readonly limit: number;
}

const STATE_PAINT: Readonly<Record<JobSummary['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  queued: 'dim',
  running: 'yellow',
  waiting: 'yellow',
  succeeded: 'green',
  failed: 'red',
  expired: 'red',
  cancelled: 'dim',
  unknown: 'red',
};

export async function listJobs(
  { namespace, queue, ids, state, limit, format }: JobListRequest,
  client: Pick<AdminClient, 'jobs'>,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0) {
    throw new CommandError('usage', '"list" takes no ids.', { hint: 'look at one with "tenfold jobs show".' });
  }
  const name = queue?.replace(/^queues?\//i, '');
  const { items, more } = await collectPages(limit, page => client.jobs({ namespace, queue: name, state, ...page }));
  printJobs(items, { format, one: queue !== undefined }, terminal);
  if (more && format !== 'json' && format !== 'yaml') terminal.say('There are more; see further with --limit.');
}

export async function showJobs(
  named: NamedJobs,
  client: Pick<AdminClient, 'consumers' | 'job'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, queue } = await findQueue(named, client);
  const jobs = await Promise.all(named.ids.map(id => client.job(namespace, queue, id)));
  const [first] = jobs;
  const { format } = named;
  if (first && jobs.length === 1 && (format === 'json' || format === 'yaml')) terminal.print(renderData(first, format));
  else printJobs(jobs, { format: format === 'table' ? 'wide' : format, one: true }, terminal);
}

export function printJobs(
  items: readonly JobSummary[],
  { format, one }: { readonly format: NamedJobs['format']; readonly one: boolean },
  terminal: Terminal,
): void {
  const columns = (wide: boolean) => columnsOf(terminal.out, items, { wide, one });
  printList({ items, format, none: 'No jobs.', nameOf: ({ id }) => id, columns }, terminal);
}

function columnsOf(
  style: Style,
  all: readonly JobSummary[],
  { wide, one }: { readonly wide: boolean; readonly one: boolean },
): Column<JobSummary>[] {
  const now = Date.now();
  const namespaces = new Set(all.map(each => each.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: JobSummary) => row.namespace }] : []),
    ...(one ? [] : [{ title: 'QUEUE', value: (row: JobSummary) => row.queue }]),
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => style[STATE_PAINT[row.state]] },
    { title: 'AGE', value: row => ageOf(row.queuedAt, now) },
    // The time from its first attempt on.
    { title: 'TOOK', value: ({ startedAt, finishedAt }) => tookOf(startedAt, finishedAt) },
    { title: 'ATTEMPTS', value: row => row.attempts },
    { title: 'NEXT', value: row => (row.nextAttemptAt === undefined ? '-' : `in ${nextIn(row.nextAttemptAt, now)}`) },
    ...(wide ? [{ title: 'QUEUED', value: (row: JobSummary) => row.queuedAt }] : []),
    { title: 'ERROR', value: row => row.error ?? '' },
  ];
}

function nextIn(time: string, now: number): string {
  return relativeAge(Math.max(0, Date.parse(time) - now));
}
