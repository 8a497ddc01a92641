// What core/json-schema/sensitive.ts promises: no value at a marked place gets out, all others do,
// and a mask that comes back is never taken for a value.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { createSchemaCompiler, schemaFaultOf } from '../../../core/json-schema/json-schema.ts';
import { MASK, maskerOf } from '../../../core/json-schema/sensitive.ts';

const compile = createSchemaCompiler();
const secretField = { 'x-sensitive': true };
const card = { type: 'object', properties: { card: secretField, note: {} } };

function masked(schema: object, data: unknown): unknown {
  return maskerOf(schema, compile)?.mask(data)?.data;
}

describe('masking of sensitive fields', () => {
  const rows: readonly [name: string, schema: object, data: unknown, shown: unknown][] = [
    ['a member', card, { card: '4111', note: 1 }, { card: MASK, note: 1 }],
    ['a value of any type', card, { card: { pan: '4111' } }, { card: MASK }],
    ['the data as a whole', secretField, '4111', MASK],
    ['items', { items: card }, [{ card: 1 }, { note: 2 }], [{ card: MASK }, { note: 2 }]],
    ['one item of a tuple', { prefixItems: [{}, secretField], items: {} }, [1, 2, 3], [1, MASK, 3]],
    ['other items of a tuple', { prefixItems: [{}], items: secretField }, [1, 2, 3], [1, MASK, MASK]],
    [
      'a tuple of draft-07',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{}, secretField], additionalItems: card },
      [1, 2, { card: 3 }],
      [1, MASK, { card: MASK }],
    ],
    [
      'members by a pattern, and all others',
      { patternProperties: { '^pub': {} }, additionalProperties: secretField },
      { pub: 1, any: 2 },
      { pub: 1, any: MASK },
    ],
    [
      'a recursive schema',
      { properties: { pin: secretField, next: { $ref: '#' } } },
      { pin: 1, next: { pin: 2, next: { pin: 3 } } },
      { pin: MASK, next: { pin: MASK, next: { pin: MASK } } },
    ],
    [
      'the branch that does not hold, too',
      { oneOf: [{ required: ['a'], properties: { b: secretField } }, { required: ['b'] }] },
      { b: 1 },
      { b: MASK },
    ],
    [
      'a member that only its dependents describe',
      { dependentSchemas: { b: { properties: { a: secretField } } } },
      { a: 1, b: 2 },
      { a: MASK, b: 2 },
    ],
    [
      'a member called __proto__',
      card,
      JSON.parse('{"__proto__":1,"card":2}'),
      JSON.parse('{"__proto__":1,"card":"***"}'),
    ],
    [
      'nothing where the mark is false',
      { properties: { a: { 'x-sensitive': false }, b: secretField } },
      { a: 1 },
      { a: 1 },
    ],
  ];
  for (const [name, schema, data, shown] of rows) {
    it(`masks ${name}`, () => assert.deepEqual(masked(schema, data), shown));
  }

  it('needs no masker where nothing is marked', () =>
    assert.equal(maskerOf({ properties: { a: {} } }, compile), undefined));

  it('masks nothing of data that the schema does not explain', () => {
    const strict = { ...card, required: ['note'] };
    for (const data of ['card 4111', { card: '4111' }]) assert.equal(maskerOf(strict, compile)?.mask(data), undefined);
  });

  it('masks nothing of data that is nested too deeply', () => {
    const schema = { properties: { pin: secretField, next: { $ref: '#' } } };
    const deep = JSON.parse(`${'{"next":'.repeat(50_000)}{"pin":1}${'}'.repeat(50_000)}`);
    assert.equal(maskerOf(schema, compile)?.mask(deep), undefined);
  });

  it('lets no secret out, wherever it stands, and keeps all that is beside it', () => {
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 7 }), secret, (layers, value) => {
        const { schema, data } = layers.reduce<Place>((inner, wrap) => wrap(inner), {
          schema: secretField,
          data: value,
        });
        const whole = withDefinitions(schema);
        const masker = maskerOf(whole, compile);
        const found = masker?.mask(data);
        assert.ok(found !== undefined, JSON.stringify(whole));
        const text = JSON.stringify(found.data);
        assert.ok(!text.includes('s3cret'), text);
        assert.equal(text.split('"public"').length, JSON.stringify(data).split('"public"').length, text);
        assert.ok(found.masked > 0);
        assert.deepEqual(masker?.restore(found.data, data), data);
      }),
      { numRuns: 200 },
    );
  });
});

interface Place {
  readonly schema: object;
  readonly data: unknown;
}

const text = fc.string({ unit: 'grapheme', maxLength: 6 }).map(part => `s3cret${part}`);
const secret = fc.oneof(text, fc.array(text, { minLength: 1 }), fc.dictionary(fc.string(), text, { minKeys: 1 }));
const name = fc.stringMatching(/^[a-z_/~]{1,5}$/).filter(each => each !== 'note');
const layer: fc.Arbitrary<(inner: Place) => Place> = fc.oneof(
  name.map(key => ({ schema, data }: Place) => ({
    schema: { type: 'object', properties: { [key]: schema, note: {} } },
    data: { [key]: data, note: 'public' },
  })),
  name.map(key => ({ schema, data }: Place) => ({
    schema: { properties: { note: {} }, additionalProperties: schema },
    data: { note: 'public', [key]: data },
  })),
  name.map(key => ({ schema, data }: Place) => ({
    schema: { patternProperties: { '^x-': schema } },
    data: { [`x-${key}`]: data, note: 'public' },
  })),
  fc.nat(3).map(more => ({ schema, data }: Place) => ({ schema: { items: schema }, data: Array(more + 1).fill(data) })),
  fc.constant(({ schema, data }: Place) => ({
    schema: { prefixItems: [{}, schema] },
    data: ['public', data, 'public'],
  })),
  fc.constantFrom('allOf', 'anyOf', 'oneOf').map(keyword => ({ schema, data }: Place) => ({
    schema: { [keyword]: [schema] },
    data,
  })),
  fc.constant(({ schema, data }: Place) => ({ schema: { anyOf: [{}, schema] }, data })),
  fc.constant(({ schema, data }: Place) => ({
    schema: Object.fromEntries([
      ['if', {}],
      ['then', schema],
    ]),
    data,
  })),
  fc.constant(({ schema, data }: Place) => ({ schema: { refer: schema }, data })),
);

/** Puts what `refer` holds below `$defs`, and a reference in its place. */
function withDefinitions(schema: object): object {
  const $defs: Record<string, object> = {};
  const lift = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(lift);
    if (typeof value !== 'object' || value === null) return value;
    if ('refer' in value && Object.keys(value).length === 1) {
      const key = `d~/${Object.keys($defs).length}`;
      $defs[key] = {};
      $defs[key] = lift(value.refer) as object;
      return { $ref: `#/$defs/${key.replace('~', '~0').replace('/', '~1')}` };
    }
    return Object.fromEntries(Object.entries(value).map(([each, inner]) => [each, lift(inner)]));
  };
  return { $defs, ...(lift(schema) as object) };
}

describe('a mask that comes back', () => {
  const schema = { properties: { card: secretField, payers: { items: card }, note: {} } };
  const before = { card: '4111', payers: [{ card: 'a' }, { card: 'b' }], note: 1 };
  const restore = (data: unknown, original: unknown = before) => maskerOf(schema, compile)?.restore(data, original);

  it('stands for the value that was there, beside what was changed', () => {
    assert.deepEqual(restore({ card: MASK, note: 2 }), { card: '4111', note: 2 });
    assert.deepEqual(restore({ card: MASK, payers: [{ card: MASK }, { card: MASK }] }), {
      card: before.card,
      payers: before.payers,
    });
  });
  it('is ordinary data where nothing is marked', () => {
    assert.deepEqual(restore({ note: MASK }), { note: MASK });
  });
  it('does not hinder a new value', () => assert.deepEqual(restore({ card: '4222' }), { card: '4222' }));

  const refused: readonly [name: string, data: unknown, before: unknown][] = [
    ['in a list that was changed', { payers: [{ card: MASK }] }, before],
    ['in a place that was empty', { card: MASK }, { note: 1 }],
    ['where the event had no JSON', { card: MASK }, undefined],
  ];
  for (const [where, data, original] of refused) {
    it(`is refused ${where}`, () => {
      const isRefusal = (error: unknown) => error instanceof TenfoldError && error.code === 'invalid-input';
      assert.throws(() => maskerOf(schema, compile)?.restore(data, original), isRefusal);
    });
  }
});

describe('a mark that would have no effect', () => {
  const rows: readonly [name: string, schema: object, pointer: string][] = [
    ['is misspelt', { properties: { a: { 'x-sensitiv': true } } }, '/properties/a/x-sensitiv'],
    ['is no boolean', { properties: { a: { 'x-sensitive': 'yes' } } }, '/properties/a/x-sensitive'],
    ['stands among the properties', { properties: { a: {}, 'x-sensitive': true } }, '/properties/x-sensitive'],
    ['is on names', { propertyNames: { 'x-sensitive': true } }, '/propertyNames/x-sensitive'],
    ['is on text inside of a text', { contentSchema: { items: secretField } }, '/contentSchema/items/x-sensitive'],
    [
      'is behind an anchor',
      { $defs: { a: { $anchor: 'q', 'x-sensitive': true } }, properties: { b: { $ref: '#q' } } },
      '/properties/b/$ref',
    ],
  ];
  for (const [name, schema, pointer] of rows) {
    it(`is refused where it ${name}`, () => {
      try {
        compile(schema);
      } catch (error) {
        assert.equal(schemaFaultOf(error)?.pointer, pointer);
        return;
      }
      assert.fail('It was taken.');
    });
  }
  it('is refused with the word that was meant', () => {
    try {
      compile({ 'x-sensitiv': true });
    } catch (error) {
      assert.equal(schemaFaultOf(error)?.suggestion, 'x-sensitive');
    }
  });
});
