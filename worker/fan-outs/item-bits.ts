// The state of each item of a job: two bits each, in rows of 8 KiB, so that a large job writes only
// its changes.
import { BITS_TABLE } from '../../core/fan-outs/layout.ts';
import type { Change } from '../../drivers/store/changes.ts';

export type ItemState = 'open' | 'succeeded' | 'failed';

const STATES: readonly ItemState[] = ['open', 'succeeded', 'failed'];
const ROW_BYTES = 8_192;
/** Items in one row. */
export const ROW_ITEMS = ROW_BYTES * 4;

export function rowOfItem(index: number): number {
  return Math.floor(index / ROW_ITEMS);
}

export function bitsKeyOf(nonce: string, row: number): string {
  return `${nonce}/${row}`;
}

export class ItemBits {
  readonly #nonce: string;
  readonly #rows = new Map<number, Buffer>();
  readonly #changed = new Set<number>();

  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  /** Loads the stored value of a row; undefined: nothing is stored. */
  load(row: number, value: Uint8Array | undefined): void {
    const bytes = Buffer.alloc(ROW_BYTES);
    if (value) bytes.set(value.subarray(0, ROW_BYTES));
    this.#rows.set(row, bytes);
  }

  get(index: number): ItemState {
    const { bytes, at, shift } = this.#place(index);
    return STATES[((bytes[at] ?? 0) >> shift) & 3] ?? 'open';
  }

  set(index: number, state: ItemState): void {
    const { bytes, at, shift, row } = this.#place(index);
    bytes[at] = ((bytes[at] ?? 0) & ~(3 << shift)) | (STATES.indexOf(state) << shift);
    this.#changed.add(row);
  }

  /** Opens failed items among these again; returns how many there were. */
  reopenThese(indexes: readonly number[]): number {
    const failed = indexes.filter(index => this.get(index) === 'failed');
    for (const index of failed) this.set(index, 'open');
    return failed.length;
  }

  /** Opens all failed items of the loaded rows again; returns how many there were. */
  reopen(): number {
    let opened = 0;
    for (const [row, bytes] of this.#rows) {
      for (let at = 0; at < bytes.length; at++) {
        if (((bytes[at] ?? 0) & 0b10101010) === 0) continue;
        for (let shift = 0; shift < 8; shift += 2) {
          if ((((bytes[at] ?? 0) >> shift) & 3) !== 2) continue;
          bytes[at] = (bytes[at] ?? 0) & ~(3 << shift);
          this.#changed.add(row);
          opened++;
        }
      }
    }
    return opened;
  }

  changes(): Change[] {
    return [...this.#changed].map(row => ({
      kind: 'put-row',
      table: BITS_TABLE,
      key: bitsKeyOf(this.#nonce, row),
      value: trimmed(this.#rows.get(row) ?? Buffer.alloc(0)),
    }));
  }

  #place(index: number) {
    const row = rowOfItem(index);
    let bytes = this.#rows.get(row);
    if (bytes === undefined) {
      bytes = Buffer.alloc(ROW_BYTES);
      this.#rows.set(row, bytes);
    }
    const within = index % ROW_ITEMS;
    return { bytes, row, at: within >> 2, shift: (within & 3) * 2 };
  }
}

/** A job of ten items needs no 8 KiB. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.subarray(0, end));
}
