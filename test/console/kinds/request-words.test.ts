// Requests to an Api as the Console writes them: examples of schemas, and what fields come to.
import assert from 'node:assert/strict';
import { exampleOf } from '../../../console/pages/kinds/api/example-of.ts';
import { baseOf, operationsOf, toCallForm } from '../../../console/pages/kinds/api/operations-of.ts';
import type { OpenApiDocument } from '../../../gateway/openapi/document.ts';

describe('an example of a schema', () => {
  const circle: Record<string, unknown> = { type: 'object' };
  circle['properties'] = { next: circle, name: { type: 'string' } };
  const rows: readonly (readonly [string, unknown, unknown])[] = [
    ['a value that the schema names', { type: 'string', examples: ['17'], default: '3' }, '17'],
    ['a constant', { const: 0 }, 0],
    ['the first of an enumeration', { enum: ['a', 'b'] }, 'a'],
    ['a number in its range', { type: 'integer', minimum: 2.5, maximum: 9 }, 3],
    ['a text of a format', { type: 'string', format: 'date' }, '2026-01-31'],
    ['a list with enough items', { type: 'array', minItems: 2, items: { type: 'boolean' } }, [true, true]],
    ['the first of several ways', { oneOf: [{ type: 'null' }, { type: 'string' }] }, null],
    ['a type that may be null', { type: ['null', 'string'] }, 'text'],
    ['what is required and not described', { required: ['id'], properties: {} }, { id: '' }],
    ['nothing', true, undefined],
  ];
  for (const [what, schema, example] of rows) it(`has ${what}`, () => assert.deepEqual(exampleOf(schema), example));

  it('ends where the schema holds itself', () => assert.ok(JSON.stringify(exampleOf(circle)).length < 1000));
});

describe('the request of an operation', () => {
  const string = { type: 'string' };
  const parameters = [
    { name: 'id', in: 'path', required: true, schema: string },
    { name: 'rest', in: 'path', required: true, schema: string },
    { name: 'full', in: 'query', required: false, schema: string },
    { name: 'most', in: 'query', required: false, schema: { type: 'integer' } },
    { name: 'x-from', in: 'header', required: false, schema: string },
    { name: 'sid', in: 'cookie', required: false, schema: string },
  ];
  const document = {
    servers: [{ url: 'https://shop.example.com/v2/shop' }],
    paths: { '/orders/{id}/{rest}': { get: { parameters }, trace: {} } },
  } as unknown as OpenApiDocument;
  const [operation = assert.fail()] = operationsOf(document);
  const values = { 'path id': 'a/7', 'path rest': 'b c/d', 'query full': 'yes & no', 'cookie sid': '9' };
  const filled = { values, headers: 'x-more: 1', body: 'none' };

  it('has each value in its place', () => {
    assert.deepEqual(toCallForm(baseOf(document), operation, filled), {
      method: 'GET',
      path: '/v2/shop/orders/a%2F7/b%20c/d?full=yes+%26+no',
      headers: 'cookie: sid=9\nx-more: 1',
      body: '',
    });
  });

  it('is none while a required field is empty, or a number is none', () => {
    const without = { ...filled, values: { ...values, 'path id': '' } };
    assert.throws(() => toCallForm('', operation, without), /Fill in “id” first/);
    const few = { ...filled, values: { ...values, 'query most': 'few' } };
    assert.throws(() => toCallForm('', operation, few), /“most” is a number/);
  });

  it('is below the root where the Api has no base path', () => {
    assert.equal(baseOf({ ...document, servers: [{ url: '/' }] }), '');
  });
});
