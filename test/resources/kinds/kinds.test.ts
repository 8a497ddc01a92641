// The table of kinds: ten patterns, names that cannot be confused, and a
// description on every field.
import assert from 'node:assert/strict';
import { fieldsOf } from '../../../resources/generate/fields.ts';
import { toNode } from '../../../resources/generate/schema-node.ts';
import { isKind, kinds } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';

describe('kinds', () => {
  it('are one for each of the ten patterns', () => {
    assert.deepEqual(
      kindNames.map(kind => kinds[kind].pattern),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  it('have names of which no two are the same', () => {
    const names = kindNames.flatMap(kind => [kinds[kind].plural, kinds[kind].singular, ...kinds[kind].shortNames]);
    assert.equal(new Set(names).size, names.length);
  });

  it('are told from other words', () => {
    assert.ok(isKind('FanOut'));
    assert.ok(!isKind('Fanout'));
    assert.ok(!isKind(undefined));
  });

  for (const kind of kindNames) {
    it(`${kind} shows whether it is ready and why, in more words where there is room, and its age last`, () => {
      const names = kinds[kind].printerColumns.map(({ name }) => name);
      const first = ['Ready', ...(kinds[kind].figures.includes('lag') ? ['Healthy'] : []), 'Status'];
      assert.deepEqual(names.slice(0, first.length), first);
      assert.equal(names.at(-1), 'Age');
      const wide = kinds[kind].printerColumns.filter(one => one.wide).map(({ name }) => name);
      assert.ok(wide.includes('Message'), wide.join());
    });

    for (const { path, node } of fieldsOf(toNode(kinds[kind].spec), 'spec')) {
      it(`${kind} documents ${path}`, () => {
        const description = node.description ?? '';
        assert.match(description, /^\S.{6,}[.]$/s, 'a sentence that ends with a full stop');
      });
    }
  }
});
