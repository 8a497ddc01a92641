// Work on many things at a time: never more than allowed, in order, and no further after a failure.
import assert from 'node:assert/strict';
import { mapAtOnce } from '../../core/map-at-once.ts';

describe('the same work for many things', () => {
  it('is done for a few at a time, and gives the results in order', async () => {
    let [open, most] = [0, 0];
    const results = await mapAtOnce([3, 1, 2, 0], 2, async item => {
      most = Math.max(most, ++open);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      open--;
      return item * 10;
    });
    assert.deepEqual([results, most], [[30, 10, 20, 0], 2]);
    assert.deepEqual(await mapAtOnce([], 2, async item => item), []);
  });

  it('begins no more once one has failed', async () => {
    const begun: number[] = [];
    const all = mapAtOnce([0, 1, 2, 3], 2, async item => {
      begun.push(item);
      if (item === 0) throw new Error('no');
      await new Promise(resolve => setImmediate(resolve));
    });
    await assert.rejects(all, /no/);
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(begun, [0, 1]);
  });
});
