// What resources/resource-set.ts promises.
import assert from 'node:assert/strict';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

describe('a set of resources', () => {
  const document = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  const { resources } = loadText(
    'a.yaml',
    [document('Topic', 'a', '{}'), document('Function', 'a', '{ url: "http://a" }'), document('Topic', 'b', '{}')].join(
      '---\n',
    ),
  );
  const set = createResourceSet(resources);

  it('finds by kind, namespace and name', () => {
    assert.equal(set.get('Topic', 'default', 'b')?.kind, 'Topic');
    assert.equal(set.get('Function', 'default', 'a')?.spec.url, 'http://a');
    assert.equal(set.get('Function', 'default', 'b'), undefined);
    assert.equal(set.get('Topic', 'other', 'a'), undefined);
  });

  it('lists by kind, in the order of declaration', () => {
    assert.deepEqual(
      set.ofKind('Topic').map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    assert.deepEqual(set.ofKind('View'), []);
    assert.equal(set.all.length, 3);
  });

  it('does not change with the list it was made from', () => {
    const list = [...resources];
    const copy = createResourceSet(list);
    list.pop();
    assert.equal(copy.all.length, 3);
    assert.throws(() => (copy.all as unknown[]).pop());
  });
});
