// The members of a value that a reader chooses.
import assert from 'node:assert/strict';
import { createFieldChooser, readChosenFields } from '../../../gateway/views/chosen-fields.ts';

describe('chosen fields', () => {
  const order = {
    id: 17,
    customer: { name: 'ada', address: { city: 'Turin', zip: '10121' } },
    items: [{ drink: 'latte', price: 3 }, { drink: 'mocha' }, 'note'],
    none: null,
  };
  const cases: readonly [fields: string | null, value: unknown, expected: unknown][] = [
    [null, order, order],
    ['id', order, { id: 17 }],
    ['none,id,absent', order, { id: 17, none: null }],
    ['customer.name,customer.address.city', order, { customer: { name: 'ada', address: { city: 'Turin' } } }],
    ['customer.address', order, { customer: { address: { city: 'Turin', zip: '10121' } } }],
    ['items.price', order, { items: [{ price: 3 }, {}, {}] }],
    ['id.deeper', order, { id: {} }],
    ['toString,constructor', order, {}],
    ['__proto__', JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
    ['id', 'a text', {}],
  ];
  for (const [fields, value, expected] of cases) {
    it(`${fields} of ${typeof value === 'string' ? 'a text' : 'an object'} are those alone`, () => {
      assert.deepEqual(createFieldChooser(readChosenFields(fields))(value), expected);
    });
  }
});
