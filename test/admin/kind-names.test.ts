// Every name that a kind goes by.
import assert from 'node:assert/strict';
import { resolveKind } from '../../admin/kind-names.ts';
import { kinds } from '../../resources/kinds/index.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';

describe('name of a kind', () => {
  for (const kind of kindNames) {
    it(`${kind} is found by kind, singular, plural and short name, in any case`, () => {
      for (const name of [kind, kinds[kind].plural, kinds[kind].singular, ...kinds[kind].shortNames]) {
        assert.equal(resolveKind(name).found, kind, name);
        assert.equal(resolveKind(name.toUpperCase()).found, kind, name);
      }
    });
  }

  it('no name means two kinds', () => {
    const names = kindNames.flatMap(kind => [
      ...new Set([kinds[kind].plural, kinds[kind].singular, ...kinds[kind].shortNames]),
    ]);
    assert.equal(new Set(names).size, names.length);
  });

  it('a mistyped name gets the nearest one', () => {
    assert.deepEqual(resolveKind('functoins'), { suggestion: 'functions' });
  });

  it('a name like no other gets no suggestion, however long it is', () => {
    assert.deepEqual(resolveKind('x'.repeat(10_000)), {});
  });
});
