// Finds the resource that a consumer is a part of.
import assert from 'node:assert/strict';
import { isItOrPartOf } from '../../resources/part-of.ts';

describe('a consumer and the resource that it is a part of', () => {
  for (const [kind, name, whole, isPart] of [
    ['Subscription', 'wall', 'wall', true],
    ['Subscription', 'wall.new', 'wall', false],
    ['Subscription', 'wallet', 'wall', false],
    ['FanOut', 'renditions/splits', 'renditions', true],
    ['FanOut', 'renditions.small', 'renditions', false],
    ['Strangler', 'shop.orders', 'shop', true],
    ['Strangler', 'big.shop.orders', 'big.shop', true],
    ['Strangler', 'shop', 'shop.orders', false],
    ['Pipeline', 'totals/enrich', 'totals', true],
    ['View', 'sold/orders/building', 'sold', true],
  ] as const)
    it(`${kind} ${name} is ${isPart ? '' : 'not '}of ${whole}`, () => {
      const of = { kind, namespace: 'default' };
      assert.equal(isItOrPartOf({ ...of, name }, { ...of, name: whole }), isPart);
      assert.equal(isItOrPartOf({ ...of, name }, { ...of, namespace: 'other', name: whole }), false);
      assert.equal(isItOrPartOf({ ...of, name }, { ...of, kind: 'Topic', name: whole }), false);
    });
});
