// The jobs of Queues, as the commands on jobs need them.
import type { JobSummary } from '../../admin/job-view.ts';
import { CommandError } from '../command-error.ts';
import { causeWords } from '../events/cause-words.ts';
import { findConsumer } from '../events/find-consumer.ts';
import { inNamespace } from '../events/in-namespace.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf, relativeAge, tookOf } from '../relative-age.ts';
import { isFinal, type JobKind, type JobOwner } from './job-kind.ts';

export function queueJobs(client: Pick<AdminClient, 'consumers' | 'jobs' | 'job' | 'cancelJob'>): JobKind<JobSummary> {
  return {
    owner: 'Queue',
    command: 'jobs',
    nameIn: text => text.replace(/^queues?\//i, ''),
    find: (text, namespace) => findQueue(text, namespace, client),
    list: ({ namespace, name }, query) => client.jobs({ namespace, queue: name, ...query }),
    read: ({ namespace, name }, id, waitMs) =>
      client.job(namespace, name, id, waitMs === undefined ? undefined : `${waitMs}ms`),
    cancel: ({ namespace, name }, id) => client.cancelJob(namespace, name, id),
    ownerOf: ({ queue }) => queue,
    columns: (wide, now) => [
      { title: 'AGE', value: row => ageOf(row.queuedAt, now) },
      // The time from its first attempt on.
      { title: 'TOOK', value: ({ startedAt, finishedAt }) => tookOf(startedAt, finishedAt) },
      { title: 'ATTEMPTS', value: row => row.attempts },
      { title: 'NEXT', value: row => nextIn(row, now) },
      ...(wide ? [{ title: 'QUEUED', value: (row: JobSummary) => row.queuedAt }] : []),
      { title: 'ERROR', value: causeWords },
    ],
    progress: jobs => ({ done: jobs.filter(job => job && isFinal(job)).length, total: jobs.length }),
    progressWords: jobs => (jobs === 1 ? 'done' : 'jobs done'),
    whySlow: ({ namespace }) => `how the queue does with "tenfold top${inNamespace(namespace)}"`,
  };
}

async function findQueue(
  text: string,
  namespace: string | undefined,
  client: Pick<AdminClient, 'consumers'>,
): Promise<JobOwner> {
  const name = text.includes('/') ? text : `queue/${text}`;
  const found = await findConsumer({ name, namespace }, client);
  if (found.kind === 'Queue') return { namespace: found.namespace, name: found.name };
  throw new CommandError('usage', `"${text}" is no Queue: jobs are those of Queues.`);
}

function nextIn({ nextAttemptAt }: JobSummary, now: number): string {
  return nextAttemptAt === undefined ? '-' : `in ${relativeAge(Math.max(0, Date.parse(nextAttemptAt) - now))}`;
}
