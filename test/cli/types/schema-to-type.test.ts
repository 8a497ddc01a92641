// TypeScript types written from JSON Schemas.
import assert from 'node:assert/strict';
import { key, schemaToType } from '../../../cli/types/schema-to-type.ts';

describe('type of a JSON Schema', () => {
  const rows: { name: string; schema: unknown; type: string }[] = [
    { name: 'text', schema: { type: 'string' }, type: 'string' },
    { name: 'a whole number', schema: { type: 'integer' }, type: 'number' },
    { name: 'a list of types', schema: { type: ['string', 'null'] }, type: 'string | null' },
    { name: 'both kinds of number', schema: { type: ['integer', 'number'] }, type: 'number' },
    { name: 'an enum', schema: { enum: ['a', 1, null] }, type: '"a" | 1 | null' },
    { name: 'a constant', schema: { const: 'v60' }, type: '"v60"' },
    { name: 'an enum of objects', schema: { enum: [{ a: 1 }] }, type: 'unknown' },
    { name: 'a list', schema: { type: 'array', items: { type: 'number' } }, type: 'number[]' },
    { name: 'a list of choices', schema: { type: 'array', items: { enum: ['a|b', 'c'] } }, type: '("a|b" | "c")[]' },
    { name: 'a list of anything', schema: { type: 'array' }, type: 'unknown[]' },
    { name: 'a tuple', schema: { type: 'array', prefixItems: [{ type: 'string' }], items: false }, type: '[string?]' },
    {
      name: 'an open tuple',
      schema: { type: 'array', prefixItems: [{ type: 'string' }] },
      type: '[string?, ...unknown[]]',
    },
    {
      name: 'an object',
      schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, 'x-y': { type: 'boolean' } } },
      type: '{\n  id: string;\n  "x-y"?: boolean;\n}',
    },
    { name: 'an object without a type', schema: { properties: { a: {} } }, type: '{\n  a?: unknown;\n}' },
    {
      name: 'an open object',
      schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true },
      type: '{\n  a?: string;\n  [more: string]: unknown;\n}',
    },
    {
      name: 'a map',
      schema: { type: 'object', additionalProperties: { type: 'number' } },
      type: 'Record<string, number>',
    },
    { name: 'an empty object', schema: { type: 'object', additionalProperties: false }, type: 'Record<string, never>' },
    {
      name: 'a description',
      schema: { properties: { a: { type: 'string', description: 'ends */ here\nnot' } } },
      type: '{\n  /** ends * / here not */\n  a?: string;\n}',
    },
    { name: 'a choice', schema: { oneOf: [{ type: 'string' }, { type: 'number' }] }, type: 'string | number' },
    { name: 'a choice with anything in it', schema: { anyOf: [{ type: 'string' }, {}] }, type: 'unknown' },
    {
      name: 'a choice beside properties',
      schema: {
        type: 'object',
        properties: { a: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
      },
      type: '{\n  a?: string;\n}',
    },
    {
      name: 'all of several',
      schema: { allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
      type: '{\n  a?: unknown;\n} & {\n  b?: unknown;\n}',
    },
    { name: 'a reference', schema: { $ref: '#/$defs/id', $defs: { id: { type: 'string' } } }, type: 'string' },
    {
      name: 'a reference into an escaped name',
      schema: { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } },
      type: 'string',
    },
    { name: 'a reference elsewhere', schema: { $ref: 'https://example.com/s.json' }, type: 'unknown' },
    { name: 'a reference into the prototype', schema: { $ref: '#/__proto__/constructor' }, type: 'unknown' },
    { name: 'nothing', schema: {}, type: 'unknown' },
    { name: 'true', schema: true, type: 'unknown' },
    { name: 'false', schema: false, type: 'never' },
    { name: 'a type that does not exist', schema: { type: 'date' }, type: 'unknown' },
  ];
  for (const { name, schema, type } of rows)
    it(`${name} is ${JSON.stringify(type)}`, () => assert.equal(schemaToType(schema), type));

  it('ends where a schema contains itself', () => {
    const type = schemaToType({
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    });
    assert.match(type, /next\?: unknown/);
  });

  it('gives up where a schema grows without bounds', () => {
    const node = {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [`p${index}`, { $ref: '#/$defs/node' }]),
      ),
    };
    assert.equal(schemaToType({ $ref: '#/$defs/node', $defs: { node } }), 'unknown');
  });

  it('quotes names that are no identifiers', () => {
    assert.deepEqual(['orders', 'orders.created', '1st', "it's"].map(key), [
      'orders',
      '"orders.created"',
      '"1st"',
      '"it\'s"',
    ]);
  });
});
