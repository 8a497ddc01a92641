// The fields that a schema marks as sensitive, as people read them; and that a wide schema is left.
import assert from 'node:assert/strict';
import { sensitiveFields } from '../../../core/json-schema/unmasked-fields.ts';

const marked = { 'x-sensitive': true };

describe('sensitive fields', () => {
  const rows: readonly [name: string, schema: object, fields: readonly string[]][] = [
    ['none', { properties: { id: {} } }, []],
    [
      'a member and an item',
      { properties: { card: marked, guests: { items: { properties: { phone: marked } } } } },
      ['card', 'guests[].phone'],
    ],
    ['all data', marked, ['']],
    ['members without a name', { additionalProperties: marked }, ['*']],
    [
      'a part that refers to itself',
      {
        $ref: '#/$defs/person',
        $defs: { person: { properties: { phone: marked, boss: { $ref: '#/$defs/person' } } } },
      },
      ['phone', 'boss.phone'],
    ],
  ];
  for (const [name, schema, fields] of rows)
    it(`of ${name}`, () => assert.deepEqual(sensitiveFields(schema), { fields, isWhole: true }));

  it('say that there are more than are listed', () => {
    const properties = Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`f${at}`, marked]));
    const { fields, isWhole } = sensitiveFields({ properties });
    assert.deepEqual([fields.length, isWhole], [200, false]);
  });

  it('end in a schema whose parts refer to each other in very many ways', () => {
    const names = Array.from({ length: 14 }, (_, at) => `p${at}`);
    const all = Object.fromEntries(names.map(name => [name, { $ref: `#/$defs/${name}` }]));
    const $defs = Object.fromEntries(names.map(name => [name, { properties: all }]));
    const { fields, isWhole } = sensitiveFields({ properties: all, $defs: { ...$defs, apart: marked } });
    assert.deepEqual([fields, isWhole], [[], false]);
  });
});
