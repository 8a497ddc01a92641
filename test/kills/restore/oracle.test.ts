// The oracle of restored back-ups finds each kind of broken promise, and none where all was kept.
import assert from 'node:assert/strict';
import { idOf, keyOf } from './load.ts';
import { countBy, differences, lostOrTwice, notTaken, takenTooEarly, windowsOf, windowsSaid } from './oracle.ts';

const ids = Array.from({ length: 24 }, (_, n) => idOf(n));
const taken = (list: readonly string[], life = 0) => list.map(id => ({ id, life }));
const one = ids[8] ?? '';

describe('the oracle of restored back-ups', () => {
  it('finds nothing where every promise was kept', () => {
    assert.deepEqual(lostOrTwice(new Set(ids), [ids]), []);
    assert.deepEqual(takenTooEarly(taken(ids), [ids]), []);
    // Again after a restore.
    assert.deepEqual(takenTooEarly([...taken(ids), ...taken(ids, 1)], [ids, ids]), []);
    assert.deepEqual(notTaken(ids, taken(ids)), []);
    assert.deepEqual(differences('score of', countBy(ids, keyOf), countBy(ids, keyOf)), []);
  });

  const result = (id: string, orders: number) => ({
    headers: { ce_id: id },
    value: Buffer.from(JSON.stringify({ key: keyOf(one), start: '2026-01-01T00:00:00.000Z', orders })),
  });

  it('counts a result once that comes again after a crash', () => {
    assert.deepEqual(windowsSaid([result('a', 2), result('a', 2)]), {
      found: new Map([[`${keyOf(one)} 2026-01-01T00:00:00.000Z`, 2]]),
      unsound: [],
    });
  });

  it('finds a result that says something else under the same id, and a window that has two', () => {
    assert.equal(windowsSaid([result('a', 2), result('a', 3)]).unsound.length, 1);
    assert.deepEqual([...windowsSaid([result('a', 2), result('b', 2)]).found.values()], [4]);
  });

  const without = ids.filter(id => id !== one);
  const broken: Readonly<Record<string, readonly string[]>> = {
    'an order that is lost': lostOrTwice(new Set(ids), [without]),
    'an order that is there twice': lostOrTwice(new Set(ids), [[...ids, one]]),
    'orders of a key that changed places': lostOrTwice(new Set(ids), [[...ids].reverse()]),
    'an order that nobody was given': notTaken(ids, taken(without)),
    'an order before those of its key': takenTooEarly(taken(without), [ids]),
    'a window that counts too little': differences(
      'window',
      windowsOf(without, Number.POSITIVE_INFINITY),
      windowsOf(ids, Number.POSITIVE_INFINITY),
    ),
    'a score that counts too much': differences('score', countBy([...ids, one], keyOf), countBy(ids, keyOf)),
  };
  for (const [what, found] of Object.entries(broken))
    it(`finds ${what}`, () => {
      assert.ok(found.length > 0);
      assert.ok(
        found.some(sentence => sentence.includes(one) || sentence.includes(keyOf(one))),
        found.join(),
      );
    });
});
