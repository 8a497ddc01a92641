// How an Idempotency-Key is read: with quotes or without, and refused where
// it could mean two things.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { readIdempotencyKey } from '../../../gateway/accept/idempotency.ts';

const read = (...values: string[]) => readIdempotencyKey(values.flatMap(value => ['idempotency-key', value]));

describe('the Idempotency-Key of a request', () => {
  for (const [what, value, key] of [
    ['with its quotes', '"8e03978e-40d5"', '8e03978e-40d5'],
    ['without quotes', '8e03978e-40d5', '8e03978e-40d5'],
    ['that is a number', '1042', '1042'],
    ['with what only quotes allow', '"a, b; \\"c\\""', 'a, b; "c"'],
    ['with spaces around it', '  abc ', 'abc'],
    ['of 255 characters', 'x'.repeat(255), 'x'.repeat(255)],
    ['in Base64', 'YWJjZA==', 'YWJjZA=='],
  ] as const)
    it(`is taken ${what}`, () => assert.equal(read(value), key));

  for (const [what, ...values] of [
    ['is empty', ''],
    ['is empty in quotes', '""'],
    ['is too long', 'x'.repeat(256)],
    ['is too long in quotes', `"${'x'.repeat(256)}"`],
    ['is a list', 'one, two'],
    ['is a list of quoted keys', '"one", "two"'],
    ['comes twice', 'one', 'two'],
    ['comes twice the same', '"one"', '"one"'],
    ['has parameters', 'one;a=1'],
    ['has parameters in quotes', '"one";a=1'],
    ['has spaces without quotes', 'abc def'],
    ['is not closed', '"abc'],
    ['has a quote within', 'a"b'],
    ['has other letters', 'schlüssel'],
  ] as const)
    it(`is refused when it ${what}`, () => {
      assert.throws(
        () => read(...values),
        (error: TenfoldError) => error.code === 'bad-request' && /Idempotency-Key/.test(error.message),
      );
    });

  it('is the same with quotes and without, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), text => {
        let plain: string | undefined;
        try {
          plain = read(text);
        } catch (error) {
          assert.ok(error instanceof TenfoldError);
          return;
        }
        if (text.trim().startsWith('"')) return;
        assert.equal(plain, text.trim());
        assert.equal(read(`"${plain}"`), plain);
      }),
    );
  });
});
