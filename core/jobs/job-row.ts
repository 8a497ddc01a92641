// The row of a job in the store, from its first attempt on: its state and its result. A job that is
// queued has no row.
import { type Failure, fromStoredFailure, type StoredFailure, storedFailure } from '../failure.ts';
import { assertKnownVersion } from '../stored-version.ts';
import { formatJobId, type JobId } from './job-id.ts';

export type JobState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'expired' | 'cancelled';

export interface JobRow {
  readonly state: Exclude<JobState, 'queued'>;
  /** Begun so far. */
  readonly attempts: number;
  /** Milliseconds since 1970, all of them. */
  readonly acceptedAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** Not before; `waiting` only, and only where it is known. */
  readonly nextAt?: number | undefined;
  /** The problem of the last attempt that failed. */
  readonly error?: Failure | undefined;
  /** Owner of the job; empty when the whole namespace owns it. */
  readonly owner: string;
  readonly result?: JobResult | undefined;
  /**
   * The same job was accepted twice under one Idempotency-Key; this is the id
   * under which it is worked.
   */
  readonly sameAs?: string | undefined;
}

/** The target's answer. */
export interface JobResult {
  /** HTTP status. */
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly size: number;
  /** Undefined when it is empty, or kept in the blob store. */
  readonly body?: Uint8Array | undefined;
  /** Its key in the blob store. */
  readonly blob?: string | undefined;
}

const VERSION = 1;
const NEWLINE = 0x0a;

/** Rows of one scope are kept together: those of one partition. */
export function jobScopeOf(namespace: string, queue: string, partition: number): string {
  return `jobs/${namespace}/${queue}/${partition}`;
}

/** Keys of the job's row and of the request to cancel it. */
export function jobKeysOf(id: JobId): { readonly row: string; readonly cancel: string } {
  const text = formatJobId(id);
  return { row: text, cancel: `${text}/cancel` };
}

/** Scope that records which copy of a job is worked when the log may hold it twice. */
export function onceScopeOf(namespace: string, queue: string, nonce: string): string {
  return `jobs-once/${namespace}/${queue}/${nonce.slice(0, 2)}`;
}

/** `unknown`: of a job whose row cannot be read. */
export function isFinal(state: JobState | 'unknown'): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'expired' || state === 'cancelled';
}

/** One line of JSON, then the bytes of the result. */
export function encodeJobRow(row: JobRow): Uint8Array {
  const { result, error, ...rest } = row;
  const { body, ...described } = result ?? {};
  const line = JSON.stringify({
    v: VERSION,
    ...rest,
    ...storedFailure(error),
    ...(result === undefined ? {} : { result: described }),
  });
  return body === undefined ? Buffer.from(`${line}\n`) : Buffer.concat([Buffer.from(`${line}\n`), body]);
}

/**
 * Undefined for a value that is no row. One of a later version is refused (`later-release`): the
 * job would begin anew, or seem to be gone. `id`: of the job.
 */
export function decodeJobRow(value: Uint8Array, id: JobId): JobRow | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.indexOf(NEWLINE);
  const line = end === -1 ? undefined : parseLine(bytes.toString('utf8', 0, end));
  if (line === undefined) return undefined;
  const { v, cause, error: told, ...rest } = line;
  const error = fromStoredFailure({ error: told, cause });
  const row: JobRow = error === undefined ? rest : { ...rest, error };
  assertKnownVersion(`the row of job ${formatJobId(id)}`, v, VERSION);
  if (v !== VERSION) return undefined;
  const body = bytes.subarray(end + 1);
  return row.result === undefined || body.length === 0 ? row : { ...row, result: { ...row.result, body } };
}

type Line = JobRow & Pick<StoredFailure, 'cause'> & { readonly v: number };

function parseLine(text: string): Line | undefined {
  try {
    const line: Line | null = JSON.parse(text);
    return line !== null && typeof line.v === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}
