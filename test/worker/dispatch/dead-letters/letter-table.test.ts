// The table of dead letters against a map: letters that come, go and are left out, through all
// sizes that the table takes.
import assert from 'node:assert/strict';
import { type LetterPlace, LetterTable } from '../../../../worker/dispatch/dead-letters/letter-table.ts';

const placeOf = (number: number): LetterPlace => ({
  partition: number % 3,
  offset: number + 100,
  generation: number % 5,
  letter: number * 2,
  at: number * 7,
  held: number % 4 === 1,
  key: number % 6 === 5 ? null : `k${number % 6}`,
  reason: ['exhausted', 'refused', 'expired'][number % 3] ?? '',
  group: number % 11,
});

/** Which letters go, by a small generator of its own: the same in each run. */
function createDraw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('the table of dead letters', () => {
  for (const [name, share, most] of [
    ['few go', 0.1, 100_000],
    ['half of them go', 0.5, 100_000],
    ['nearly all go', 0.97, 100_000],
    ['nearly all go, and the oldest are left out', 0.9, 150],
    ['none go but the oldest, which are left out', 0, 300],
  ] as const)
    it(`has what a map has where ${name}`, () => {
      const table = new LetterTable();
      const map = new Map<string, LetterPlace>();
      const draw = createDraw(7);
      const rowOf = ({ partition, offset }: LetterPlace) => table.rowOf(partition, offset) ?? assert.fail();
      const compare = () => {
        const rows = [...table.rows(() => true)];
        assert.deepEqual(
          rows.map(row => table.at(row)),
          [...map.values()],
        );
        for (const place of map.values()) assert.deepEqual(table.at(rowOf(place)), place);
        assert.deepEqual([table.size, table.rowOf(0, 0)], [map.size, undefined]);
      };
      for (let number = 0; number < 6_000; number++) {
        const place = placeOf(number);
        table.add(place);
        map.set(`${number}`, place);
        for (const [key, gone] of draw() < share ? [...map].slice(Math.floor(draw() * map.size)).slice(0, 1) : []) {
          table.remove(rowOf(gone));
          map.delete(key);
          assert.equal(table.rowOf(gone.partition, gone.offset), undefined);
        }
        const oldest = [...map.keys()].slice(0, Math.max(0, map.size - most));
        for (const key of oldest) map.delete(key);
        assert.equal(table.bound(most), oldest.length);
        if (number % 500 === 255) compare();
      }
      compare();
    });

  it('is asked by columns, without those that are gone', () => {
    const table = new LetterTable();
    for (let number = 0; number < 12; number++) table.add(placeOf(number));
    table.remove(4);
    table.remove(4);
    assert.equal(table.size, 11);
    assert.deepEqual([...table.rows((row, { isHeld }) => isHeld(row))], [1, 5, 9]);
    assert.deepEqual([...table.rows((row, { isReason }) => isReason(row, 'refused'))], [1, 7, 10]);
    const asked: number[] = [];
    for (const _ of table.rows(row => asked.push(row) > 0)) assert.ok(true);
    assert.deepEqual(asked, [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
  });
});
