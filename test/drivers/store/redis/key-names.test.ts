// Names of keys: one hash tag for each scope, and back again.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createKeyNames } from '../../../../drivers/store/redis/key-names.ts';

const scope = fc.oneof(
  fc.string({
    unit: fc.constantFrom('{', '}', '%', '7', 'D', '2', '5', '*', '\\', '[', ':', '~', '\0', 'é'),
    minLength: 1,
  }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
);
/** As the server finds it: between the first brace and the next one that closes. */
const hashTagOf = (key: string) => key.slice(key.indexOf('{') + 1, key.indexOf('}', key.indexOf('{')));

describe('names of keys in Redis', () => {
  const names = createKeyNames('app:1');

  it('have a hash tag that is not empty, and another one for each scope', () => {
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        assert.notEqual(hashTagOf(names.base(a)), '');
        assert.equal(hashTagOf(names.base(a)) === hashTagOf(names.base(b)), a === b);
        assert.equal(hashTagOf(`${names.base(a)}r}x{`), hashTagOf(names.base(a)));
        assert.equal(hashTagOf(names.epoch(a, true)), hashTagOf(names.base(a)));
      }),
    );
  });

  it('tell the scope again, of catalogs alone', () => {
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        assert.equal(names.scopeOf(`${names.base(a)}~`), a);
        for (const other of [names.base(a), `${names.base(a)}r${b}`, `${names.base(a)}r}:~`, `x${names.base(a)}~`])
          assert.equal(names.scopeOf(other), undefined);
      }),
    );
  });

  it('refuse what would break the hash tag', () => {
    for (const prefix of ['', '{', 'a{b', 'a}b', 'a b', 'x'.repeat(65)])
      assert.throws(() => createKeyNames(prefix), { code: 'invalid-input' });
  });
});
