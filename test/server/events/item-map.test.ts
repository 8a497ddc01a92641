// The map of the items of a job: all of them are counted once, however many a group holds.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Store } from '../../../drivers/store/store.ts';
import { readItemMap } from '../../../server/events/control/item-map.ts';
import { ItemBits, ROW_ITEMS } from '../../../worker/fan-outs/item-bits.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { openInlineStore } from '../../drivers/store/sqlite/open-inline-store.ts';

describe('the map of items', () => {
  let store: Store;
  before(async () => {
    store = await openInlineStore(join(tempFolder(), 'store.db'));
  });
  after(async () => {
    await store.close();
    removeTempFolders();
  });

  it('counts what was stored, in groups of one size that follow each other', async () => {
    let jobs = 0;
    const job = fc.record({
      items: fc.integer({ min: 0, max: 3 * ROW_ITEMS }),
      most: fc.integer({ min: 1, max: 1000 }),
      ended: fc.array(fc.tuple(fc.nat(3 * ROW_ITEMS - 1), fc.constantFrom('succeeded', 'failed')), { maxLength: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(job, async ({ items, most, ended }) => {
        const nonce = String(jobs++);
        const states = new Map(ended.filter(([index]) => index < items));
        const bits = new ItemBits(nonce);
        for (const [index, state] of states) bits.set(index, state);
        await store.apply('scope', bits.changes());
        const { total, size, groups } = await readItemMap(store, { scope: 'scope', nonce, items }, most);
        assert.equal(total, items);
        assert.ok(groups.length <= most);
        for (const [place, { from, succeeded, failed, open }] of groups.entries()) {
          assert.equal(from, place * size);
          const here = [...states].filter(([index]) => index >= from && index < from + size);
          assert.equal(failed, here.filter(([, state]) => state === 'failed').length);
          assert.equal(succeeded, here.filter(([, state]) => state === 'succeeded').length);
          assert.equal(succeeded + failed + open, Math.min(size, items - from));
        }
        assert.equal(
          groups.reduce((sum, { succeeded, failed, open }) => sum + succeeded + failed + open, 0),
          items,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('reads rows beyond those that it counts together', async () => {
    const items = 20 * ROW_ITEMS;
    const bits = new ItemBits('large');
    for (const index of [0, 17 * ROW_ITEMS, items - 1]) bits.set(index, 'failed');
    await store.apply('scope', bits.changes());
    const { groups } = await readItemMap(store, { scope: 'scope', nonce: 'large', items }, 20);
    assert.deepEqual(
      groups.flatMap(({ failed }, place) => (failed > 0 ? [place] : [])),
      [0, 17, 19],
    );
  });
});
