// Random changes of schemas, held against a validator: core/json-schema/schema-breaks.ts overlooks
// no break.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { schemaBreaks } from '../../../core/json-schema/schema-breaks.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Random changes that the property is tried on. */
const RUNS = 300;

describe('random changes of a schema', () => {
  it('finds something wherever data of the one schema does not match the other', () => {
    const compile = createSchemaCompiler();
    const compiled = (one: Schema) => {
      try {
        return compile(one);
      } catch {
        // Ajv refuses some schemas that their draft allows.
        return undefined;
      }
    };
    let compared = 0;
    fc.assert(
      fc.property(pairs, fc.array(data, { minLength: 30, maxLength: 30 }), ([before, after], samples) => {
        const [old, now] = [compiled(before), compiled(after)];
        if (!old || !now) return;
        const backward = schemaBreaks(before, after, 'backward');
        if (backward.length > 0) return;
        compared++;
        for (const one of samples) {
          const isLost = old.validate(one).length === 0 && now.validate(one).length > 0;
          assert.ok(!isLost, `${JSON.stringify([before, after])} at ${JSON.stringify(one)}`);
        }
      }),
      { numRuns: RUNS },
    );
    assert.ok(compared > RUNS / 10, `only ${compared} of ${RUNS} changes were taken`);
  });
});

const names = fc.constantFrom('a', 'b', 'ab');
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 0.5, -1, '', 'a', 'ab', 'b1');
const { data } = fc.letrec<{ data: unknown }>(tie => ({
  data: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('data'), { maxLength: 3 }),
    fc.dictionary(names, tie('data'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const CONDITION = ['if', 'then', 'else'];
const size = fc.integer({ min: 0, max: 3 });
const bound = fc.constantFrom(-1, 0, 0.5, 1, 2);
const type = fc.constantFrom('null', 'boolean', 'object', 'array', 'string', 'integer', 'number');
const { schema } = fc.letrec<{ schema: Schema | boolean; object: Schema }>(tie => ({
  schema: fc.oneof({ maxDepth: 3 }, { arbitrary: fc.boolean(), weight: 1 }, { arbitrary: tie('object'), weight: 8 }),
  object: fc.oneof(
    fc.record({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
    fc.record({
      enum: fc.uniqueArray(fc.oneof(scalar, data), {
        minLength: 1,
        maxLength: 3,
        selector: one => JSON.stringify(one),
      }),
    }),
    fc.record({ const: fc.oneof(scalar, data) }),
    fc.record(
      { minimum: bound, exclusiveMinimum: bound, maximum: bound, exclusiveMaximum: bound },
      { requiredKeys: [] },
    ),
    fc.record({ multipleOf: fc.constantFrom(0.5, 1, 2) }),
    fc.record({ minLength: size, maxLength: size, pattern: fc.constantFrom('^a', '1$') }, { requiredKeys: [] }),
    fc.record({ format: fc.constantFrom('date', 'int32') }),
    fc.record(
      { items: tie('schema'), prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    fc.record({ minItems: size, maxItems: size, uniqueItems: fc.boolean() }, { requiredKeys: [] }),
    fc.record({ contains: tie('schema'), maxContains: fc.integer({ min: 1, max: 2 }) }, { requiredKeys: ['contains'] }),
    fc.record(
      {
        properties: fc.dictionary(names, tie('schema')),
        patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), tie('schema'), { maxKeys: 1 }),
        additionalProperties: tie('schema'),
        required: fc.uniqueArray(names),
        minProperties: size,
        maxProperties: size,
      },
      { requiredKeys: ['properties'] },
    ),
    fc.record({ propertyNames: tie('schema') }),
    fc.record({ dependentRequired: fc.dictionary(names, fc.uniqueArray(names)) }),
    fc.record({ unevaluatedProperties: tie('schema'), properties: fc.dictionary(names, tie('schema')) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('schema') }),
    fc
      .array(tie('schema'), { minLength: 1, maxLength: 3 })
      .map(parts => Object.fromEntries(parts.map((part, index) => [CONDITION[index], part]))),
    fc.record({ $ref: fc.constantFrom('#', '#/$defs/a', '#/$defs/b') }),
  ),
}));
const objects = schema.map(one => (typeof one === 'object' ? one : { allOf: [one] }));
const roots = fc
  .record({ root: objects, a: schema, b: schema })
  .map(({ root, a, b }) => ({ ...root, $defs: { a, b } }));

/** A schema, and one that a person may make of it. */
const pairs = fc
  .tuple(roots, objects, fc.integer({ min: 0, max: 7 }), fc.nat())
  .map(([before, other, change, at]): [Schema, Schema] => [before, changed(before, other, change, at)]);

function changed(before: Schema & { $defs: Schema }, other: Schema, change: number, at: number): Schema {
  const { $defs, ...root } = before;
  switch (change) {
    case 0:
      return { ...other, $defs };
    case 1:
      return { anyOf: [root, other], $defs };
    case 2:
      return { oneOf: [other, root], $defs };
    case 3:
      return { $ref: '#/$defs/c', $defs: { ...$defs, c: root } };
    case 4:
      return { ...root, ...other, $defs };
    case 5:
      return { ...root, $defs: { ...$defs, a: other } };
    default: {
      const keywords = Object.keys(root);
      const gone = keywords[at % keywords.length];
      return { ...Object.fromEntries(Object.entries(root).filter(([keyword]) => keyword !== gone)), $defs };
    }
  }
}
