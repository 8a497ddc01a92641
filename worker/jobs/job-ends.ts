// Ends a job once: stores its result and its last row, puts its callback into the log, and wakes
// those who wait for it.
import { expiringKey, hourOf } from '../../core/expiring-key.ts';
import { CALLBACK_HEADER } from '../../core/jobs/job-id.ts';
import type { JobResult, JobRow } from '../../core/jobs/job-row.ts';
import { type JobSignals, jobSignalOf } from '../../core/jobs/job-signals.ts';
import { again } from '../../core/retry/again.ts';
import { isOfLaterRelease } from '../../core/stored-version.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import { type CallAnswer, headerOf } from '../deliver/caller.ts';
import type { Outcome } from '../deliver/destination.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { baseRow, type Job, jobOf } from './job-of.ts';
import type { JobRows } from './job-rows.ts';

export interface JobEnds {
  /**
   * Resolves with the outcome once the success is durable; else, after some patience, with one
   * that has the job done again.
   */
  succeeded(
    job: Job,
    row: Omit<JobRow, 'state'>,
    outcome: Outcome & { readonly kind: 'done' },
    signal: AbortSignal,
  ): Promise<Outcome>;
  /** For a job that was given up. Rejects when it could not be written: it is called again. */
  deadLettered(letter: DeadLetter): Promise<void>;
}

export interface JobEndsOptions {
  readonly world: World;
  readonly namespace: string;
  readonly queue: string;
  readonly rows: JobRows;
  /** The blob store for results that are too large for the store. */
  readonly blobs: Pick<BlobStore, 'now' | 'put'> | undefined;
  readonly signals: JobSignals;
  readonly maxInline: number;
  readonly resultTtlMs: number;
  /** Puts the callback of a finished job into the log; undefined when the queue makes none. */
  owe?(job: Job, row: JobRow, url: string): Promise<void>;
}

const PATIENCE_MS = 30_000;
const PAUSES = { base: 200, max: 1_000 };
const MAX_TYPE = 256;

export function createJobEnds(options: JobEndsOptions): JobEnds {
  const { world, namespace, queue, rows, signals } = options;

  const finish = async (job: Job, row: JobRow): Promise<void> => {
    const current = await rows.write(job.id, row);
    const url = job.record.headers[CALLBACK_HEADER];
    // Also when another has finished it: it may have died before it came to this.
    // Receivers know a repeat by its id.
    if (url !== undefined && options.owe && current.sameAs === undefined) await options.owe(job, current, url);
    signals.changed.tell(jobSignalOf(namespace, queue, job.text));
  };

  return {
    async succeeded(job, row, outcome, signal) {
      const until = world.monotonic() + PATIENCE_MS;
      const end = async () => {
        const result = outcome.answer && (await keep(options, job, outcome.answer));
        await finish(job, { ...row, state: 'succeeded', finishedAt: world.now(), result });
        return outcome;
      };
      // Doing the work again costs more than a wait; but not for ever, as the place is needed.
      const failed = (error: unknown) => {
        if (world.monotonic() >= until || isHopeless(error)) throw error;
      };
      return again(end, { ...PAUSES, failed }, { world, signal }).catch(errorToOutcome);
    },
    async deadLettered(letter) {
      const job = jobOf(letter.partition, letter.record);
      if (job === undefined || letter.held) return;
      const before = await rows.read(job.id);
      await finish(job, {
        ...baseRow(job),
        state: letter.reason === 'cancelled' || letter.reason === 'expired' ? letter.reason : 'failed',
        attempts: letter.attempts,
        startedAt: before?.startedAt,
        finishedAt: letter.at,
        error: letter.error,
      });
    },
  };
}

function isHopeless(error: unknown): boolean {
  const outcome = errorToOutcome(error);
  return isOfLaterRelease(error) || (outcome.kind === 'failed' && !outcome.retryable);
}

async function keep(options: JobEndsOptions, job: Job, answer: CallAnswer): Promise<JobResult> {
  const { body, status } = answer;
  const contentType = headerOf(answer, 'content-type')?.slice(0, MAX_TYPE);
  const described = { status, contentType, size: body.length };
  if (body.length === 0) return described;
  if (body.length <= options.maxInline || options.blobs === undefined) return { ...described, body };
  const { namespace, queue, resultTtlMs, blobs } = options;
  // Not sooner than the row goes.
  const blob = expiringKey(hourOf((await blobs.now()) + resultTtlMs), `results/${namespace}/${queue}/${job.text}`);
  await blobs.put(blob, body, { contentType: isPlain(contentType) ? contentType : undefined });
  return { ...described, blob };
}

/** Whether a blob store accepts the content type; the row has it in any case. */
function isPlain(contentType: string | undefined): boolean {
  return contentType !== undefined && /^[ -~]{1,255}$/.test(contentType);
}
