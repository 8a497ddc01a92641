// The state of a job of a FanOut, as it is kept: counts, where it stands, why it failed.
import { assertKnownVersion } from '../stored-version.ts';
import type { ItemFailure, Letter, ParentItem, ResultHead } from './facts.ts';

export type FanOutState =
  | 'queued'
  | 'splitting'
  | 'working'
  | 'gathering'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'cancelled';

export interface FanOutJob {
  /** `<partition>-<offset>-<nonce>`. */
  readonly id: string;
  state: Exclude<FanOutState, 'queued'>;
  /** How often it was taken up again after its end. */
  generation: number;
  /** The generation in which what had failed was last opened again; what failed in an earlier one is being tried again. */
  reopened: number;
  /** Whose job it is; empty for those of the namespace. */
  readonly owner: string;
  readonly parent?: ParentItem | undefined;
  /** Milliseconds since 1970, all of them. */
  readonly acceptedAt: number;
  deadlineAt: number;
  finishedAt?: number | undefined;
  /** Handed out so far. */
  items: number;
  /** There are no more than these. */
  split: boolean;
  succeeded: number;
  failed: number;
  error?: ItemFailure | undefined;
  /** What has to be done again when it is redriven. */
  failedIn?: 'split' | 'items' | 'gather' | undefined;
  /** Of the failed split. */
  letter?: Letter | undefined;
  result?: ResultHead | undefined;
  /** All but this is forgotten; the row stays so that nothing late begins it again. */
  gone?: boolean | undefined;
}

/** What is kept of an item that was given up. */
export interface FailedRow {
  readonly error: ItemFailure;
  readonly letter: Letter;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the job; what an earlier one had given up is being tried again. */
  readonly generation: number;
}

export function isFinalState(state: FanOutState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'expired' || state === 'cancelled';
}

const VERSION = 1;

export function encodeFanOutJob(job: FanOutJob): string {
  return JSON.stringify({ v: VERSION, ...job });
}

/** Undefined for what is no row of a job. A later version is refused (`later-release`): the job would begin anew. */
export function decodeFanOutJob(value: Uint8Array): FanOutJob | undefined {
  const row = parseRow(value);
  if (row === undefined) return undefined;
  const { v, ...job } = row;
  assertKnownVersion(`the state of job ${job.id}`, v, VERSION);
  return v === VERSION ? job : undefined;
}

function parseRow(value: Uint8Array): (FanOutJob & { readonly v: number }) | undefined {
  try {
    const row: (FanOutJob & { readonly v: number }) | null = JSON.parse(Buffer.from(value).toString());
    return row !== null && typeof row.v === 'number' ? row : undefined;
  } catch {
    return undefined;
  }
}

/** One line of JSON, then bytes: results and inputs. */
export function encodeWithHead(head: object, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

export function decodeWithHead(value: Uint8Array): { readonly head: unknown; readonly body: Buffer } | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.indexOf(0x0a);
  if (end === -1) return undefined;
  try {
    return { head: JSON.parse(bytes.toString('utf8', 0, end)), body: bytes.subarray(end + 1) };
  } catch {
    return undefined;
  }
}
