// Ends a job as its worker does, so that endpoints can be asked about it.
import { acceptedAtOf, formatJobId } from '../../../core/jobs/job-id.ts';
import { encodeJobRow, type JobRow, jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../../core/jobs/job-signals.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Keys } from '../../../drivers/store/store.ts';

export interface Ending {
  readonly store: Keys;
  readonly signals: JobSignals | undefined;
  readonly queue: string;
  readonly record: LogRecord;
  readonly answer?: { readonly status: number; readonly body: string; readonly contentType?: string };
  readonly error?: { readonly status: number; readonly message: string };
  /** Where the body of the answer is instead. */
  readonly blob?: string;
  /** Instead of an end. */
  readonly state?: JobRow['state'];
}

export async function finishJob({
  store,
  signals,
  queue,
  record,
  answer,
  error,
  state,
  blob,
}: Ending): Promise<string> {
  const id = { partition: 0, offset: record.offset, nonce: record.headers['tenfold-job'] ?? '' };
  const body = Buffer.from(answer?.body ?? '');
  const result = answer && {
    status: answer.status,
    contentType: answer.contentType ?? 'application/json',
    size: body.length,
    ...(blob === undefined ? { body } : { blob }),
  };
  const row: JobRow = {
    state: state ?? (answer ? 'succeeded' : 'failed'),
    attempts: 1,
    acceptedAt: acceptedAtOf(record),
    startedAt: 2000,
    finishedAt: 3000,
    owner: record.headers['tenfold-owner'] ?? '',
    error,
    result,
  };
  await store.put(jobScopeOf('default', queue, 0), jobKeysOf(id).row, encodeJobRow(row), { ttlMs: 60_000 });
  signals?.changed.tell(jobSignalOf('default', queue, formatJobId(id)));
  return formatJobId(id);
}
