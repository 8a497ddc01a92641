// Looks up what became of the items of a job of a FanOut, and counts them so in groups of
// neighbours that a page can draw.
import type { FailedItem, ItemGroup, ItemMap } from '../../../admin/fan-out-view.ts';
import { BITS_TABLE } from '../../../core/fan-outs/layout.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { bitsKeyOf, ItemBits, ROW_ITEMS, rowOfItem } from '../../../worker/fan-outs/item-bits.ts';

/** Rows of 8 KiB that are read, counted and let go again together. */
const ROWS_TOGETHER = 16;

interface MappedJob {
  readonly scope: string;
  readonly nonce: string;
  /** Handed out so far. */
  readonly items: number;
}

/** At most `most` groups, all of the same size but the last. */
export async function readItemMap(
  store: Pick<Store, 'rows'>,
  { scope, nonce, items }: MappedJob,
  most: number,
): Promise<ItemMap> {
  const size = Math.max(1, Math.ceil(items / most));
  const groups: ItemGroup[] = [];
  let counts = { succeeded: 0, failed: 0, open: 0 };
  for (let first = 0; first < items; first += ROWS_TOGETHER * ROW_ITEMS) {
    const end = Math.min(items, first + ROWS_TOGETHER * ROW_ITEMS);
    const bits = await readBits(store, scope, nonce, first, end);
    for (let index = first; index < end; index++) {
      counts[bits.get(index)] += 1;
      if ((index + 1) % size !== 0 && index + 1 < items) continue;
      groups.push({ from: groups.length * size, ...counts });
      counts = { succeeded: 0, failed: 0, open: 0 };
    }
  }
  return { total: items, size, groups };
}

/** Without those that a person has redriven: they keep their rows while they are tried again. */
export async function stillFailed(
  store: Pick<Store, 'rows'>,
  { scope, nonce }: Pick<MappedJob, 'scope' | 'nonce'>,
  items: readonly FailedItem[],
): Promise<readonly FailedItem[]> {
  if (items.length === 0) return items;
  const bits = await readRows(store, scope, nonce, [...new Set(items.map(({ index }) => rowOfItem(index)))]);
  return items.filter(({ index }) => bits.get(index) === 'failed');
}

function readBits(
  store: Pick<Store, 'rows'>,
  scope: string,
  nonce: string,
  first: number,
  end: number,
): Promise<ItemBits> {
  const rows: number[] = [];
  for (let row = rowOfItem(first); row <= rowOfItem(end - 1); row++) rows.push(row);
  return readRows(store, scope, nonce, rows);
}

async function readRows(
  store: Pick<Store, 'rows'>,
  scope: string,
  nonce: string,
  rows: readonly number[],
): Promise<ItemBits> {
  const keys = rows.map(row => bitsKeyOf(nonce, row));
  const found = await store.rows(scope, BITS_TABLE, keys);
  const bits = new ItemBits(nonce);
  for (const [place, row] of rows.entries()) bits.load(row, found[place]?.value);
  return bits;
}
