// JSON keeps its numbers, however large they are.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readExactJson, roundedNumberIn, writeExactJson } from '../../../core/units/exact-json.ts';

const again = (text: string) => writeExactJson(readExactJson(text));

describe('exact JSON', () => {
  it('keeps whole numbers of any size', () => {
    const numbers = fc.array(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), { maxLength: 5 });
    fc.assert(
      fc.property(numbers, fc.string(), (all, text) => {
        const json = `{"all":[${all.join()}],"text":${JSON.stringify(text)},"deep":{"n":${all[0] ?? 0}}}`;
        assert.equal(again(json), json);
      }),
    );
  });

  it('keeps numbers that JavaScript takes for infinite', () =>
    assert.equal(again('{"a":1e400,"b":[-1E+999]}'), '{"a":1e400,"b":[-1E+999]}'));

  it('names the first number that JavaScript would round', () => {
    assert.equal(roundedNumberIn('{"a":[1,12345678901234567890],"b":1e400}'), '12345678901234567890');
    assert.equal(roundedNumberIn('{"a":-1e999}'), '-1e999');
    for (const text of ['{"a":9007199254740992}', '[1.5e3]', '"12345678901234567890"', '[0.12345678901234567]'])
      assert.equal(roundedNumberIn(text), undefined, text);
  });

  it('is plain JSON for all others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value);
        assert.deepEqual(readExactJson(text), JSON.parse(text));
        assert.equal(again(text), JSON.stringify(JSON.parse(text)));
      }),
    );
    assert.deepEqual(readExactJson('[9007199254740994,1e21]'), [9007199254740994, 1e21]);
    assert.throws(() => readExactJson('{"a":1234567890123456789'), SyntaxError);
  });
});
