// What a change of a job's state causes elsewhere: written with the state, done afterwards by whoever owns the partition, at least once.
import { decodeWithHead, encodeWithHead } from '../../core/fan-outs/job.ts';
import { OUTBOX_TABLE } from '../../core/fan-outs/layout.ts';
import type { Change } from '../../drivers/store/changes.ts';

export type Errand =
  /** The job is to be divided. */
  | { readonly kind: 'split'; readonly headers: Readonly<Record<string, string>> }
  /** Its results are to be gathered. */
  | { readonly kind: 'gather' }
  /** It has ended: whoever waits for it is told. */
  | { readonly kind: 'ended' }
  /** The dead letters of its items are to be redriven. */
  | { readonly kind: 'redrive'; readonly all: boolean }
  /** Nested jobs of its items are to be cancelled. */
  | { readonly kind: 'cancel-nested' }
  /** All that is kept of it is to be deleted. */
  | { readonly kind: 'sweep' };

export interface KeptErrand {
  readonly key: string;
  readonly nonce: string;
  readonly generation: number;
  readonly errand: Errand;
  readonly body: Buffer;
}

const EMPTY = new Uint8Array(0);

export function errandChange(nonce: string, generation: number, errand: Errand, body: Uint8Array = EMPTY): Change {
  const value = encodeWithHead({ nonce, generation, errand }, body);
  return { kind: 'put-row', table: OUTBOX_TABLE, key: `${nonce}/${errand.kind}/${generation}`, value };
}

/** Undefined for what is none. One of a later version is refused (`later-release`): taken for none it would not be done. */
export function readErrand(row: { readonly key: string; readonly value: Uint8Array }): KeptErrand | undefined {
  const decoded = decodeWithHead(row);
  if (decoded === undefined) return undefined;
  const { head, body } = decoded;
  if (!isHead(head)) return undefined;
  return { key: row.key, ...head, body };
}

function isHead(head: unknown): head is Pick<KeptErrand, 'nonce' | 'generation' | 'errand'> {
  return typeof head === 'object' && head !== null && 'nonce' in head && 'errand' in head;
}
