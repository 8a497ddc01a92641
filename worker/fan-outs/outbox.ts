// The outbox: consequences of a change of a job's state. They are written with the state and
// carried out afterwards by the owner of the partition, at least once.
import { decodeWithHead, encodeWithHead } from '../../core/fan-outs/job.ts';
import { OUTBOX_TABLE } from '../../core/fan-outs/layout.ts';
import type { Change } from '../../drivers/store/changes.ts';

export type OutboxEntry =
  /** The job is to be divided. */
  | { readonly kind: 'split'; readonly headers: Readonly<Record<string, string>> }
  /** Its results are to be gathered. */
  | { readonly kind: 'gather' }
  /** The job has ended; those who wait for it are told. */
  | { readonly kind: 'ended' }
  /** The dead letters of its items are to be redriven. */
  | { readonly kind: 'redrive'; readonly all: boolean }
  /** Nested jobs of its items are to be cancelled. */
  | { readonly kind: 'cancel-nested' }
  /** All stored data of the job is to be deleted. */
  | { readonly kind: 'sweep' };

export interface StoredOutboxEntry {
  readonly key: string;
  readonly nonce: string;
  readonly generation: number;
  readonly entry: OutboxEntry;
  readonly body: Buffer;
}

const EMPTY = new Uint8Array(0);

export function outboxChange(nonce: string, generation: number, entry: OutboxEntry, body: Uint8Array = EMPTY): Change {
  const value = encodeWithHead({ nonce, generation, entry }, body);
  return { kind: 'put-row', table: OUTBOX_TABLE, key: `${nonce}/${entry.kind}/${generation}`, value };
}

/**
 * Undefined for a row that is no entry. An entry of a later version is refused (`later-release`),
 * as it would be lost otherwise.
 */
export function readOutboxEntry(row: {
  readonly key: string;
  readonly value: Uint8Array;
}): StoredOutboxEntry | undefined {
  const decoded = decodeWithHead(row);
  if (decoded === undefined) return undefined;
  const { head, body } = decoded;
  if (!isHead(head)) return undefined;
  return { key: row.key, ...head, body };
}

function isHead(head: unknown): head is Pick<StoredOutboxEntry, 'nonce' | 'generation' | 'entry'> {
  return typeof head === 'object' && head !== null && 'nonce' in head && 'entry' in head;
}
