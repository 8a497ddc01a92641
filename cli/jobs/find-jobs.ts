// Finds the jobs that a command names; the queue's namespace where it is not given.
import { CommandError } from '../command-error.ts';
import { findConsumer } from '../events/find-consumer.ts';
import type { ListFormat } from '../output/print-list.ts';
import type { AdminClient } from '../platform/admin-client.ts';

export interface NamedJobs {
  readonly namespace: string | undefined;
  readonly queue: string | undefined;
  readonly ids: readonly string[];
  readonly format: ListFormat;
}

export interface JobPlace {
  readonly namespace: string;
  readonly queue: string;
}

/** Fails when no job is named. */
export async function findQueue(
  { namespace, queue, ids }: NamedJobs,
  client: Pick<AdminClient, 'consumers'>,
): Promise<JobPlace> {
  if (queue === undefined || ids.length === 0) {
    throw new CommandError('usage', 'It is not said which job.', {
      hint: 'name the Queue and the id of the job; "tenfold jobs list" shows them.',
    });
  }
  const name = queue.includes('/') ? queue : `queue/${queue}`;
  const found = await findConsumer({ name, namespace }, client);
  if (found.kind === 'Queue') return { namespace: found.namespace, queue: found.name };
  throw new CommandError('usage', `"${queue}" is no Queue: jobs are those of Queues.`);
}
