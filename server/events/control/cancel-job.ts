// Asks for the end of a job: stored for the worker that runs it, and sent at once to the worker in
// this process.
import { TenfoldError } from '../../../core/errors.ts';
import { parseJobId } from '../../../core/jobs/job-id.ts';
import { jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../../core/jobs/job-signals.ts';
import { queueGroupOf } from '../../../core/names.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { requestCancel } from '../../../worker/dispatch/commands/cancel.ts';

export interface CancelDeps {
  readonly log: EventLog;
  readonly store: Pick<Store, 'put'>;
  readonly signals: JobSignals;
}

/** The longest time that a job may wait for its turn. */
const TTL_MS = 90 * 86_400_000;

export async function cancelJob(
  { log, store, signals }: CancelDeps,
  namespace: string,
  queue: string,
  text: string,
): Promise<void> {
  const id = parseJobId(text);
  if (!id) throw new TenfoldError('not-found', `Queue ${queue} has no job ${text.slice(0, 60)}.`);
  await store.put(jobScopeOf(namespace, queue, id.partition), jobKeysOf(id).cancel, '1', { ttlMs: TTL_MS });
  signals.cancelled.tell(jobSignalOf(namespace, queue, text));
  await requestCancel(log, queueGroupOf(namespace, queue), id.partition, id.offset);
}
