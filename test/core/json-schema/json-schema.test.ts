// What core/json-schema/json-schema.ts promises.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { createSchemaCompiler, schemaFaultOf } from '../../../core/json-schema/json-schema.ts';
import { computingMs } from '../../computing-ms.ts';

const compile = createSchemaCompiler();
const LIMIT_MS = 1000;
/** JSON knows one zero. */
const noZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('validating with a JSON Schema', () => {
  const order = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      count: { type: 'integer', minimum: 1 },
      'a/b': { enum: ['x', 'y'] },
    },
    additionalProperties: false,
  };
  const rows: readonly [
    name: string,
    schema: object,
    data: unknown,
    violations: [pointer: string, message: string][],
  ][] = [
    ['data that matches', order, { id: 'c56a4180-65aa-42ec-a945-5fd21dec0538', count: 1 }, []],
    ['a missing member', order, {}, [['/id', 'is missing']]],
    [
      'every violation',
      order,
      { count: 0.5, z: 1, 'a/b': 'z' },
      [
        ['/id', 'is missing'],
        ['/z', 'is not allowed'],
        ['/count', 'must be integer'],
        ['/count', 'must be >= 1'],
        ['/a~1b', 'must be one of "x", "y"'],
      ],
    ],
    ['a format', { format: 'uri' }, 'no uri', [['', 'must be in the format "uri"']]],
    ['a pattern', { pattern: '^a+$' }, 'b', [['', 'must match the pattern ^a+$']]],
    [
      'patternProperties',
      { patternProperties: { '^x-': { type: 'number' } } },
      { 'x-a': 'b' },
      [['/x-a', 'must be number']],
    ],
    ['a local reference', { $ref: '#/$defs/a', $defs: { a: { const: 1 } } }, 2, [['', 'must be 1']]],
    ['a recursive schema', { type: 'array', items: { $ref: '#' } }, [[1]], [['/0/0', 'must be array']]],
    ['an anchor', { $defs: { a: { $anchor: 'q', type: 'string' } }, $ref: '#q' }, 1, [['', 'must be string']]],
    [
      'draft-07 items',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] },
      [1],
      [['/0', 'must be string']],
    ],
    ['2020-12 prefixItems', { prefixItems: [{ type: 'string' }] }, [1], [['/0', 'must be string']]],
    [
      'equal items in another order of members',
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [['', 'must not hold the same item twice']],
    ],
  ];
  for (const [name, schema, data, violations] of rows) {
    it(`reports ${name}`, () => {
      assert.deepEqual(
        compile(schema)
          .validate(data)
          .map(({ pointer, message }) => [pointer, message]),
        violations,
      );
    });
  }

  it('keeps patterns apart, within a schema and between schemas', () => {
    const schema = compile({ properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } });
    assert.deepEqual(schema.validate({ a: 'a', b: 'b' }), []);
    assert.deepEqual(schema.validate({ a: 'b', b: 'a' }).length, 2);
    assert.deepEqual(compile({ pattern: '^c$' }).validate('a').length, 1);
  });

  it('keeps schemas apart that carry the same $id', () => {
    const text = compile({ $id: 'https://example.com/a', type: 'string' });
    const number = compile({ $id: 'https://example.com/a', type: 'number' });
    assert.deepEqual([text.validate('x').length, text.validate(1).length], [0, 1]);
    assert.deepEqual([number.validate('x').length, number.validate(1).length], [1, 0]);
    assert.throws(() => compile({ $ref: 'https://example.com/a' }), /points nowhere/);
  });

  it('reports only some of many violations', () => {
    const violations = compile({ items: { type: 'string' } }).validate(Array.from({ length: 100_000 }, () => 1));
    assert.ok(violations.length > 0 && violations.length <= 20);
  });

  it('compares values with any members, also with those that every object has', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const names = fc.constantFrom('valueOf', 'toString', 'constructor', 'hasOwnProperty', '__proto__', 'a');
    const odd = fc.dictionary(names, fc.oneof(fc.integer(), fc.constant({}), fc.string()), { maxKeys: 3 });
    const some = fc.oneof(value, odd).map(each => JSON.parse(JSON.stringify(each)));
    const matches = (schema: object, data: unknown) => compile(schema).validate(data).length === 0;
    fc.assert(
      fc.property(some, some, (one, other) => {
        assert.ok(matches({ const: one }, structuredClone(one)));
        assert.ok(matches({ enum: [other, one] }, structuredClone(one)));
        const same = isDeepStrictEqual(noZero(one), noZero(other));
        assert.equal(matches({ const: one }, other), same);
        assert.equal(matches({ enum: [one, [1]] }, other), same || isDeepStrictEqual(other, [1]));
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with comparing every pair of items', () => {
    const schema = compile({ uniqueItems: true });
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }), raw => {
        const items: unknown[] = JSON.parse(JSON.stringify(raw));
        const equal = (a: unknown, b: unknown) => {
          try {
            assert.deepStrictEqual(a, b);
            return true;
          } catch {
            return false;
          }
        };
        const repeated = items.some((item, index) => items.slice(index + 1).some(other => equal(item, other)));
        assert.equal(schema.validate(items).length > 0, repeated);
      }),
    );
  });
});

describe('a JSON Schema that is not valid', () => {
  const doubled: Record<string, object> = { d0: { type: 'string' } };
  for (let level = 1; level < 30; level++) {
    doubled[`d${level}`] = { allOf: [{ $ref: `#/$defs/d${level - 1}` }, { $ref: `#/$defs/d${level - 1}` }] };
  }
  const rows: readonly [name: string, schema: unknown, pointer: string, reason: RegExp][] = [
    ['no object', 'string', '', /has to be an object/],
    ['wrong type', { properties: { a: { type: 'strin' } } }, '/properties/a/type', /must be one of/],
    [
      'unknown keyword',
      { properties: { a: { minimun: 1 } } },
      '/properties/a/minimun',
      /no keyword "minimun".*"minimum"/,
    ],
    [
      'unknown format',
      { properties: { a: { format: 'emial' } } },
      '/properties/a/format',
      /no format "emial".*"email"/,
    ],
    ['unknown draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, '/$schema', /drafts/],
    ['reference to another address', { items: { $ref: 'https://example.com/x' } }, '/items/$ref', /points nowhere/],
    ['reference to nothing', { $ref: '#/$defs/x' }, '/$ref', /points nowhere/],
    ['enum without values', { enum: [] }, '', /non-empty/],
    ['pattern that RE2 does not know', { pattern: '(?<=a)b' }, '', /not valid RE2/],
    ['more than the allowed length', { description: 'x'.repeat(300_000) }, '', /256 KiB/],
    ['references that double 29 times', { $ref: '#/$defs/d29', $defs: doubled }, '', /subschemas/],
  ];
  for (const [name, schema, pointer, reason] of rows) {
    it(`is refused: ${name}`, () => {
      assert.throws(
        () => compile(schema),
        error => {
          const fault = schemaFaultOf(error);
          assert.match(fault?.reason ?? String(error), reason);
          assert.equal(fault?.pointer, pointer);
          return true;
        },
      );
    });
  }
});

describe('hostile data against a JSON Schema', () => {
  const attack = `${'a'.repeat(40)}!`;
  const rows: readonly [name: string, schema: object, data: () => unknown][] = [
    ['pattern that backtracks', { pattern: '^(a+)+$' }, () => attack],
    [
      'patternProperties that backtrack',
      { patternProperties: { '^(a+)+$': { type: 'string' } } },
      () => ({ [attack]: 1 }),
    ],
    ['propertyNames that backtrack', { propertyNames: { pattern: '^(a+)+$' } }, () => ({ [attack]: 1 })],
    [
      'many objects that must be unique',
      { uniqueItems: true },
      () => Array.from({ length: 100_000 }, (_, index) => ({ index })),
    ],
    [
      'deep nesting',
      { type: 'array', items: { $ref: '#' } },
      () => JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    ],
    ['reference to itself', { $ref: '#' }, () => 1],
  ];
  for (const [name, schema, data] of rows) {
    it(`is answered in time: ${name}`, () => {
      const validator = compile(schema);
      const value = data();
      assert.ok(computingMs(() => validator.validate(value)) < LIMIT_MS);
    });
  }

  const formats = [
    'email',
    'uri',
    'url',
    'hostname',
    'uri-template',
    'uri-reference',
    'json-pointer',
    'relative-json-pointer',
    'ipv4',
    'ipv6',
    'byte',
    'date',
    'time',
    'date-time',
    'uuid',
    'duration',
    'regex',
  ];
  const pieces = ['a', '1', '%', 'a-', 'a.', ':', '::', '{', '{a', '/', '0', '@', 'P1', 'a@', '-', 'T'];
  for (const format of formats) {
    it(`is answered in time: format ${format}`, () => {
      const validator = compile({ format });
      for (const prefix of ['', 'http://', 'a@', 'P', '1']) {
        for (const piece of pieces) {
          const text = `${prefix}${piece.repeat(30_000)}!`;
          assert.ok(computingMs(() => validator.validate(text)) < 300, `${prefix}${piece}… took too long`);
        }
      }
    });
  }
});
