// The newest valid version of an object, as its status keeps it.
import assert from 'node:assert/strict';
import { lastValidOf, MOST_BYTES, toLastValid } from '../../../k8s/catalog/last-valid.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';

const fn = (generation: number, spec: object, lastValid?: string) => ({
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu', namespace: 'shop', generation },
  spec,
  status: { lastValid },
});

describe('the last valid version', () => {
  const kept = toLastValid(fn(3, { image: 'acme/menu:3', timeout: '5s' }));

  it('is read as it was written', () => {
    const found = lastValidOf('Function', fn(4, { image: 'acme/menu:4', timeout: 'soon' }, kept));
    assert.ok(found?.kind === 'Function');
    assert.deepEqual([found.spec.image, found.spec.timeout, found.metadata.namespace], ['acme/menu:3', 5000, 'shop']);
  });

  const none: readonly [name: string, lastValid: string | undefined][] = [
    ['nothing is kept', undefined],
    ['it is the newest', toLastValid(fn(4, { image: 'acme/menu:4' }))],
    ['it is not what we write', '{'],
    ['it is not valid any more', JSON.stringify({ generation: 1, spec: { image: 7 } })],
  ];
  for (const [name, lastValid] of none) {
    it(`is none where ${name}`, () =>
      assert.equal(lastValidOf('Function', fn(4, { image: 'acme/menu:4' }, lastValid)), undefined));
  }

  it('is not kept when it is larger than a status should be', () => {
    const large = (bytes: number) => toLastValid(fn(1, { image: 'x'.repeat(bytes) }));
    assert.ok(large(MOST_BYTES - 100));
    assert.equal(large(MOST_BYTES), undefined);
  });
});
