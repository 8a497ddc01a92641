// Leaves jobs to a later release that has begun them or has seen their end. This release would work
// on them once more, and could not write the result.
import { isOfLaterRelease } from '../../core/stored-version.ts';
import type { DeliveryItem, Outcome } from '../deliver/destination.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import type { Job } from './job-of.ts';
import type { JobRows } from './job-rows.ts';

export interface LeftToLater {
  /**
   * Asked before a job is begun. Undefined when it can be, otherwise the outcome to report. Never
   * rejects.
   */
  of(item: DeliveryItem, job: Job): Promise<Outcome | undefined>;
  /** The job was worked on, and its end could not be written. */
  unwritten(job: Job): void;
}

export interface LeftToLaterOptions {
  readonly rows: Pick<JobRows, 'read'>;
  /** Endpoints write rows of its jobs before these are begun. */
  readonly rowsFromEndpoint: boolean;
  /** Reports each job once. */
  problem(message: string, error: unknown): void;
}

const MOST = 10_000;

export function createLeftToLater({ rows, rowsFromEndpoint, problem }: LeftToLaterOptions): LeftToLater {
  /**
   * Jobs that have a row though they seem to begin for the first time. True once an unreadable row
   * was reported.
   */
  const doubtful = new Map<string, boolean>();
  const doubt = (text: string, told: boolean) => {
    if (doubtful.size >= MOST) doubtful.clear();
    doubtful.set(text, told);
  };
  return {
    async of(item, job) {
      // Rows are read only where there may be one: most jobs have none before they are done.
      if (item.attempt === 1 && item.parked !== true && !rowsFromEndpoint && !doubtful.has(job.text)) return undefined;
      try {
        await rows.read(job.id);
        doubtful.delete(job.text);
        return undefined;
      } catch (error) {
        if (isOfLaterRelease(error) && doubtful.get(job.text) !== true) {
          problem('A job is left to a later release', error);
          doubt(job.text, true);
        }
        return errorToOutcome(error);
      }
    },
    unwritten: job => doubt(job.text, doubtful.get(job.text) ?? false),
  };
}
