// What core/suggest.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editDistance, suggest } from '../../core/suggest.ts';

describe('the name that was meant', () => {
  const names = ['orders', 'customers', 'menu', 'function', 'to'];
  const rows: readonly [typed: string, meant: string | undefined][] = [
    ['ordres', 'orders'],
    ['order', 'orders'],
    ['Orders', 'orders'],
    ['functoin', 'function'],
    ['custmers', 'customers'],
    ['mneu', 'menu'],
    ['too', 'to'],
    ['payments', undefined],
    ['x', undefined],
    ['', undefined],
    ['orders', 'orders'],
  ];
  for (const [typed, meant] of rows) {
    it(`"${typed}" ${meant === undefined ? 'is near to none' : `is taken for "${meant}"`}`, () =>
      assert.equal(suggest(typed, names), meant));
  }

  it('is always one of the candidates', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.array(fc.string({ maxLength: 12 })), (typed, candidates) => {
        const found = suggest(typed, candidates);
        assert.ok(found === undefined || candidates.includes(found));
      }),
    );
  });

  it('is a candidate at the smallest distance', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 8 }),
        fc.array(fc.string({ maxLength: 8 }), { minLength: 1 }),
        (typed, candidates) => {
          const distance = (name: string) => editDistance(typed.toLowerCase(), name.toLowerCase());
          const found = suggest(typed, candidates);
          if (found !== undefined) assert.equal(distance(found), Math.min(...candidates.map(distance)));
        },
      ),
    );
  });

  it('is found after one swap, one letter too many, one too few or one wrong', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{4,12}$/),
        fc.nat(),
        fc.constantFrom('swap', 'insert', 'delete', 'replace'),
        (name, seed, kind) => {
          const at = seed % (name.length - 1);
          const [head, tail] = [name.slice(0, at), name.slice(at)];
          const typed = {
            swap: `${head}${tail[1]}${tail[0]}${tail.slice(2)}`,
            insert: `${head}7${tail}`,
            delete: `${head}${tail.slice(1)}`,
            replace: `${head}7${tail.slice(1)}`,
          }[kind];
          assert.equal(suggest(typed, [name]), name);
        },
      ),
    );
  });
});

describe('the distance of two texts', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

  it('is zero for equal texts only, the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(editDistance(a, b) === 0, a === b);
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
        assert.ok(editDistance(a, b) >= Math.abs(a.length - b.length));
      }),
    );
  });
});
