// A job as it is shown: at the endpoints, in callbacks and by commands.
import { isJsonType } from '../cloudevents/media-type.ts';
import { type PublicFailure, publicFailure } from '../failure.ts';
import { toTimestamp } from '../world.ts';
import type { JobRow, JobState } from './job-row.ts';

export interface JobView {
  readonly id: string;
  readonly queue: string;
  readonly state: JobState;
  readonly attempts: number;
  /** RFC 3339, all of them. */
  readonly acceptedAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When it is tried again at the earliest, where that is known. */
  readonly nextAttemptAt?: string;
  readonly error?: PublicFailure;
  readonly result?: JobResultView;
}

export interface JobResultView {
  readonly status: number;
  readonly contentType?: string;
  /** Bytes. */
  readonly size: number;
  /** The result itself, where it is JSON and small. */
  readonly body?: unknown;
}

export function queuedJobView(id: string, queue: string, acceptedAt: number): JobView {
  return { id, queue, state: 'queued', attempts: 0, acceptedAt: toTimestamp(acceptedAt) };
}

/** `isLost`: its worker was lost in the midst of the attempt, so the job waits for the next one. */
export function toJobView(id: string, queue: string, row: JobRow, isLost = false): JobView {
  const { state, attempts, acceptedAt, startedAt, finishedAt, nextAt, error, result } = row;
  return {
    id,
    queue,
    state: isLost ? 'waiting' : state,
    attempts,
    acceptedAt: toTimestamp(acceptedAt),
    ...(startedAt === undefined ? {} : { startedAt: toTimestamp(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: toTimestamp(finishedAt) }),
    ...(nextAt === undefined ? {} : { nextAttemptAt: toTimestamp(nextAt) }),
    ...(error === undefined ? {} : { error: publicFailure(error) }),
    ...(result === undefined ? {} : { result: toResultView(result) }),
  };
}

function toResultView({ status, contentType, size, body }: NonNullable<JobRow['result']>): JobResultView {
  const view = { status, ...(contentType === undefined ? {} : { contentType }), size };
  if (body === undefined || contentType === undefined || !isJsonType(contentType)) return view;
  try {
    return { ...view, body: JSON.parse(Buffer.from(body).toString('utf8')) };
  } catch {
    return view;
  }
}
