// Keys of the internal listener: each proves one namespace and no other.
import assert from 'node:assert/strict';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';

const keys = createCallerKeys('a secret');

describe('caller keys', () => {
  it('prove the namespace they were made for', () => {
    assert.equal(keys.namespaceOf(keys.keyFor('shop')), 'shop');
  });

  const wrong: Record<string, string | undefined> = {
    'no key': undefined,
    'an empty key': '',
    'another namespace in front of a valid key': keys.keyFor('shop').replace('shop', 'bank'),
    'a key made from another secret': createCallerKeys('another').keyFor('shop'),
    'a key cut short': keys.keyFor('shop').slice(0, -1),
    'a key with more behind it': `${keys.keyFor('shop')}x`,
    'a namespace that is no name': keys.keyFor('Shop_'),
    'a very long key': `shop.${'a'.repeat(100_000)}`,
  };
  for (const [name, key] of Object.entries(wrong)) {
    it(`do not take ${name}`, () => assert.equal(keys.namespaceOf(key), undefined));
  }

  it('of causes are another for each namespace, and none of them tells another', () => {
    const made = ['shop', 'bank'].map(namespace => keys.causeKeyFor(namespace));
    assert.deepEqual(
      made.map(key => key.length),
      [32, 32],
    );
    const all = [...made, createCallerKeys('another').causeKeyFor('shop')].map(key => key.toString('base64url'));
    assert.equal(new Set(all).size, 3);
    assert.ok(!keys.keyFor('shop').includes(all[0] ?? ''));
    assert.deepEqual(createCallerKeys('a secret').causeKeyFor('shop'), made[0]);
  });

  it('stay right however many namespaces strangers ask for', () => {
    const own = keys.keyFor('shop');
    for (let count = 0; count < 10_050; count++) keys.namespaceOf(`n${count}.${'a'.repeat(43)}`);
    assert.equal(keys.namespaceOf(own), 'shop');
  });
});
