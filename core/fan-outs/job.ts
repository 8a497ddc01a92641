// The stored state of a FanOut's job: its counts, its stage and the reason of its failure; and the
// rows of its items.
import { type Failure, fromStoredFailure, type StoredFailure, storedFailure } from '../failure.ts';
import { assertFirstVersion, assertKnownVersion } from '../stored-version.ts';
import type { Letter, ParentItem, ResultHead } from './facts.ts';

export type FanOutState =
  | 'queued'
  | 'splitting'
  | 'working'
  | 'gathering'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'cancelled';

/** The part that is the same in every version, so that each release can list the jobs of others. */
export interface FanOutJobHead {
  /** `<partition>-<offset>-<nonce>`. */
  readonly id: string;
  /** Milliseconds since 1970, as all times of a job. */
  readonly acceptedAt: number;
}

export interface FanOutJob extends FanOutJobHead {
  state: Exclude<FanOutState, 'queued'>;
  /** How often it was taken up again after its end. */
  generation: number;
  /**
   * The generation in which what had failed was last opened again; what failed in an earlier
   * one is being tried again.
   */
  reopened: number;
  /** Owner of the job; empty when the whole namespace owns it. */
  readonly owner: string;
  readonly parent?: ParentItem | undefined;
  deadlineAt: number;
  finishedAt?: number | undefined;
  /** Handed out so far. */
  items: number;
  /** There are no more than these. */
  split: boolean;
  succeeded: number;
  failed: number;
  error?: Failure | undefined;
  /** The stage that a redrive repeats. */
  failedIn?: 'split' | 'items' | 'gather' | undefined;
  /** Dead letter of the failed split. */
  letter?: Letter | undefined;
  result?: ResultHead | undefined;
  /** All but this is forgotten; the row stays so that nothing late begins it again. */
  gone?: boolean | undefined;
}

/** The stored form of an item that was given up. */
export interface FailedRow {
  readonly error: Failure;
  readonly letter: Letter;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Attempt of the job; items that an earlier one gave up are being tried again. */
  readonly generation: number;
}

export function isFinalState(state: FanOutState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'expired' || state === 'cancelled';
}

const VERSION = 1;

export function encodeFanOutJob(job: FanOutJob): string {
  const { error, ...rest } = job;
  return JSON.stringify({ v: VERSION, ...rest, ...storedFailure(error) });
}

/**
 * Undefined for a value that is no row of a job. A later version is refused (`later-release`): the
 * job would begin anew.
 */
export function decodeFanOutJob(value: Uint8Array): FanOutJob | undefined {
  const row = parseRow(value);
  if (row === undefined) return undefined;
  const { v, cause, error: told, ...rest } = row;
  const error = fromStoredFailure({ error: told, cause });
  const job: FanOutJob = error === undefined ? rest : { ...rest, error };
  assertKnownVersion(`the state of job ${job.id}`, v, VERSION);
  return v === VERSION ? job : undefined;
}

/** Undefined for a value that is no row of a job in any release. */
export function readFanOutJobHead(value: Uint8Array): FanOutJobHead | undefined {
  const row = parseRow(value);
  if (typeof row?.id !== 'string' || typeof row.acceptedAt !== 'number') return undefined;
  return { id: row.id, acceptedAt: row.acceptedAt };
}

type Row = FanOutJob & Pick<StoredFailure, 'cause'> & { readonly v: number };

function parseRow(value: Uint8Array): Row | undefined {
  try {
    const row: Row | null = JSON.parse(Buffer.from(value).toString());
    return row !== null && typeof row.v === 'number' ? row : undefined;
  } catch {
    return undefined;
  }
}

/** The value stored under a key. */
interface Stored {
  readonly key: string;
  readonly value: Uint8Array;
}

export function encodeFailedRow({ error, ...rest }: FailedRow): string {
  return JSON.stringify({ ...rest, ...storedFailure(error) });
}

/** Of an item. A later version is refused (`later-release`). */
export function decodeFailedRow({ key, value }: Stored): FailedRow {
  const row: FailedRow & Pick<StoredFailure, 'cause'> = JSON.parse(Buffer.from(value).toString());
  assertFirstVersion(`the failure at ${key}`, row);
  const { cause, ...rest } = row;
  return cause === undefined ? rest : { ...rest, error: { ...rest.error, cause } };
}

/** One line of JSON, then bytes: results, inputs, outbox entries. */
export function encodeWithHead(head: object, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

/** Undefined for any other value. A later version is refused (`later-release`). */
export function decodeWithHead({ key, value }: Stored): { readonly head: unknown; readonly body: Buffer } | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.indexOf(0x0a);
  const head = end === -1 ? undefined : parseHead(bytes.toString('utf8', 0, end));
  if (head === undefined) return undefined;
  assertFirstVersion(`what is kept at ${key}`, head);
  return { head, body: bytes.subarray(end + 1) };
}

function parseHead(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
