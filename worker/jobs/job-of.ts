// Reads which job a record of a queue is, and the fields of its row.
import { acceptedAtOf, formatJobId, JOB_HEADER, type JobId, OWNER_HEADER } from '../../core/jobs/job-id.ts';
import type { JobRow } from '../../core/jobs/job-row.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';

/** The failure message of a job that was cancelled while it ran. */
export const CANCELLED = 'The job was cancelled.';

export interface Job {
  readonly id: JobId;
  readonly text: string;
  readonly record: LogRecord;
}

/**
 * Undefined for a record that no endpoint has written: workers handle it, but nobody can ask for
 * it.
 */
export function jobOf(partition: number, record: LogRecord): Job | undefined {
  const nonce = record.headers[JOB_HEADER];
  if (nonce === undefined || !/^[0-9a-f]{16}$/.test(nonce)) return undefined;
  const id = { partition, offset: record.offset, nonce };
  return { id, text: formatJobId(id), record };
}

/** The fields that every row of the job has. */
export function baseRow({ record }: Job): Pick<JobRow, 'acceptedAt' | 'owner'> {
  return { acceptedAt: acceptedAtOf(record), owner: record.headers[OWNER_HEADER] ?? '' };
}
