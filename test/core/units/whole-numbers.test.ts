// Whole numbers that JavaScript would round keep every digit on their way through JSON.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mayBeRounded } from '../../../core/units/exact-json.ts';
import { parseExactly, toDoubles, toExactText, toWritable, UnreadNumber } from '../../../core/units/whole-numbers.ts';

const whole = fc.bigInt({ min: -(10n ** 39n) + 1n, max: 10n ** 39n - 1n });

describe('whole numbers beyond ±2^53', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(whole, { maxLength: 5 }), fc.jsonValue(), (all, rest) => {
        const text = `{"all":[${all.join()}],"rest":${JSON.stringify(rest)}}`;
        const read = parseExactly(text);
        const again = JSON.stringify(JSON.parse(text).rest);
        assert.equal(toExactText(read), `{"all":[${all.join()}],"rest":${again}}`);
        assert.equal(JSON.stringify(toWritable(read)), toExactText(read));
        assert.deepEqual(toDoubles(read), JSON.parse(text));
      }),
    );
  });

  it('are BigInts, and all others are what they were', () => {
    const text = '[9007199254740991,-9007199254740992,9007199254740993,1.5,1e21,9e15,9007199254740993.0]';
    assert.deepEqual(parseExactly(text), [
      9007199254740991,
      -9007199254740992n,
      9007199254740993n,
      1.5,
      1e21,
      9e15,
      2 ** 53,
    ]);
  });

  it('can be passed on where they are too long to be read', () => {
    const text = `[${'9'.repeat(40)},-1e400]`;
    const read = parseExactly(text);
    assert.ok(Array.isArray(read) && read.every(each => each instanceof UnreadNumber));
    assert.equal(toExactText(read), text);
    assert.equal(JSON.stringify(read), text);
    assert.deepEqual(toDoubles(read), JSON.parse(text));
  });

  it('are found by a look that misses none', () => {
    const part = fc.oneof(
      fc.constantFrom('e', 'E', '+', '-', '.', ' ', '"', '1e400', '9E+999', '1e99', '1e-400'),
      fc.stringMatching(/^[0-9]{1,18}$/),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), parts => {
        const text = parts.join('');
        assert.equal(mayBeRounded(text), /[0-9]{16}|[0-9][eE]\+?[0-9]{3}/.test(text), text);
      }),
      { numRuns: 500 },
    );
  });
});
