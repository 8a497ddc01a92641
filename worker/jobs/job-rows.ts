// Writes the rows of jobs, so that neither a late writer nor a second owner undoes a final state.
import type { JobId } from '../../core/jobs/job-id.ts';
import { decodeJobRow, encodeJobRow, isFinal, type JobRow, jobKeysOf, jobScopeOf } from '../../core/jobs/job-row.ts';
import type { Reminders } from '../../drivers/store/reminders.ts';
import type { Store } from '../../drivers/store/store.ts';

export interface JobRows {
  /**
   * Answers with the row that holds now: this one, or one that it must not replace. Rejects as the
   * store does.
   */
  write(id: JobId, row: JobRow): Promise<JobRow>;
  /** The same only when there is no row yet. */
  writeFirst(id: JobId, row: JobRow): Promise<void>;
  read(id: JobId): Promise<JobRow | undefined>;
  /** Whether somebody asked for the end of the job. */
  isCancelled(id: JobId): Promise<boolean>;
}

export interface JobRowsOptions {
  readonly store: Pick<Store, 'get' | 'put'>;
  readonly namespace: string;
  readonly queue: string;
  /** Retention of a finished job's row, milliseconds. */
  readonly resultTtlMs: number;
  readonly reminders: Reminders;
}

/** A row as the store has it. */
interface HeldRow {
  readonly row: JobRow;
  readonly value: Uint8Array;
}

/**
 * How long the store keeps a job that is neither finished nor tried; its record is in the log all
 * the same.
 */
const OPEN_TTL_MS = 90 * 86_400_000;

export function createJobRows({ store, namespace, queue, resultTtlMs, reminders }: JobRowsOptions): JobRows {
  /** The row that holds then: this one, or another that it must not replace. */
  const put = async (
    id: JobId,
    { row, value }: HeldRow,
    ttlMs: number,
    mayReplaceIt: typeof mayReplace,
  ): Promise<HeldRow> => {
    const scope = jobScopeOf(namespace, queue, id.partition);
    const { row: key } = jobKeysOf(id);
    let when: 'absent' | { readonly version: string } = 'absent';
    for (;;) {
      const outcome = await store.put(scope, key, value, { ttlMs, when });
      if (outcome.written) return { row, value };
      const met = outcome.entry && decodeJobRow(outcome.entry.value, id);
      if (outcome.entry && met && !mayReplaceIt(met, row)) return { row: met, value: outcome.entry.value };
      when = outcome.entry ? { version: outcome.entry.version } : 'absent';
    }
  };

  return {
    async write(id, row) {
      const ttlMs = isFinal(row.state) ? resultTtlMs : OPEN_TTL_MS;
      const held = await put(id, { row, value: encodeJobRow(row) }, ttlMs, mayReplace);
      // No process is at work on the job any more that would write the row again. That is so for a
      // row that is met, too: its writer may be gone, or be this process, to which no answer came.
      if (isFinal(row.state))
        reminders.remember(held.value.length, async agoMs => {
          if (agoMs < ttlMs) await put(id, held, ttlMs - agoMs, isForgotten);
        });
      return held.row;
    },
    async writeFirst(id, row) {
      const scope = jobScopeOf(namespace, queue, id.partition);
      await store.put(scope, jobKeysOf(id).row, encodeJobRow(row), { ttlMs: OPEN_TTL_MS, when: 'absent' });
    },
    async read(id) {
      const entry = await store.get(jobScopeOf(namespace, queue, id.partition), jobKeysOf(id).row);
      return entry && decodeJobRow(entry.value, id);
    },
    async isCancelled(id) {
      return (await store.get(jobScopeOf(namespace, queue, id.partition), jobKeysOf(id).cancel)) !== undefined;
    },
  };
}

/**
 * The first success holds for ever. A job that was given up can be redriven; then states that began
 * after its end count.
 */
function mayReplace(met: JobRow, next: JobRow): boolean {
  if (!isFinal(met.state)) return true;
  if (met.state === 'succeeded') return false;
  if (next.state === 'succeeded') return true;
  const ended = met.finishedAt ?? 0;
  return isFinal(next.state) ? (next.finishedAt ?? 0) > ended : (next.startedAt ?? 0) > ended;
}

/**
 * Whether `met` is from before `row`, which has been written already, and not of an attempt after
 * it.
 */
function isForgotten(met: JobRow, row: JobRow): boolean {
  const isLater = !isFinal(met.state) && (met.startedAt ?? 0) > (row.startedAt ?? 0);
  return mayReplace(met, row) && (row.state === 'succeeded' || !isLater);
}
