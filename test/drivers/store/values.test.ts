// Sort keys: bytes that are ordered as the values are.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterPrefix, toSortKey, type Value } from '../../../drivers/store/values.ts';
import { compareLists } from '../../contract/store/model.ts';

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, false, true, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324),
  fc.double({ noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.string({ unit: 'binary', maxLength: 4 }).map(text => text.toWellFormed()),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a', '\uFFFF', '\u{10000}'), maxLength: 4 }),
);
const list = fc.array(value, { maxLength: 3 });

describe('sort keys', () => {
  it('are ordered as the lists of values that they are made of', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        assert.equal(Math.sign(Buffer.compare(toSortKey(a), toSortKey(b))), Math.sign(compareLists(a, b)));
      }),
      { numRuns: 5000 },
    );
  });

  it('begin with the key of a list exactly when the list begins with it', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const begins = toSortKey(b).subarray(0, toSortKey(a).length).equals(toSortKey(a));
        assert.equal(begins, a.length <= b.length && compareLists(a, b.slice(0, a.length)) === 0);
      }),
      { numRuns: 5000 },
    );
  });

  it('have a least key above all that begin with some bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 4 });
    fc.assert(
      fc.property(bytes, bytes, (prefix, other) => {
        const end = afterPrefix(prefix);
        const begins = Buffer.compare(other.subarray(0, prefix.length), prefix) === 0;
        if (begins && end) assert.ok(Buffer.compare(other, end) < 0);
        if (!begins && end && Buffer.compare(other, prefix) > 0) assert.ok(Buffer.compare(other, end) >= 0);
        if (!end) assert.ok(prefix.every(byte => byte === 0xff));
      }),
    );
  });

  it('cannot be made of NaN', () => {
    assert.throws(() => toSortKey([Number.NaN]), /NaN/);
  });
});
