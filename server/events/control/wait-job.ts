// Waits for the end of a job on behalf of the admin API, as a long poll at the endpoints does.
import type { JobSummary } from '../../../admin/job-view.ts';
import { isFinal } from '../../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../../core/jobs/job-signals.ts';
import type { World } from '../../../core/world.ts';
import { waitForJob } from '../../../gateway/jobs/wait-for-job.ts';

export interface WaitJobOptions {
  readonly world: World;
  readonly signals: JobSignals;
  readonly job: Pick<JobSummary, 'namespace' | 'queue' | 'id'>;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  read(): Promise<JobSummary>;
}

/** The job in its state when it is final, or when the time is up. */
export async function waitJob({ world, signals, job, waitMs, signal, read }: WaitJobOptions): Promise<JobSummary> {
  const { namespace, queue, id } = job;
  const find = async () => {
    const summary = await read();
    return { summary, final: isFinal(summary.state) };
  };
  const call = { remainingMs: Number.MAX_SAFE_INTEGER, ended: false, signal };
  const name = jobSignalOf(namespace, queue, id);
  const found = await waitForJob({ world, endpoints: { signals }, reader: { find }, call, name, id, waitMs });
  // Undefined only where nothing could be read in time.
  return found === undefined || found === 'gone' ? read() : found.summary;
}
