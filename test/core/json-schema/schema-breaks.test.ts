// What core/json-schema/schema-breaks.ts promises.
import assert from 'node:assert/strict';
import { type Compatibility, schemaBreaks } from '../../../core/json-schema/schema-breaks.ts';

type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const list = (items: unknown): Schema => ({ type: 'array', items });
const text = { type: 'string' };
const whole = { type: 'integer' };
const closed = { additionalProperties: false };
const node = (value: Schema) => ({
  $ref: '#/$defs/node',
  $defs: { node: object({ value, next: { $ref: '#/$defs/node' } }) },
});
const tagged = (...kinds: string[]) => ({
  oneOf: kinds.map(kind => object({ kind: { const: kind }, value: text }, { required: ['kind'] })),
});

type Row = readonly [name: string, before: Schema | undefined, after: Schema | undefined, ...broken: string[]];

/** `certainty field: what is said`, for backward. */
const said = (before: Schema | undefined, after: Schema | undefined, mode: Compatibility = 'backward') =>
  schemaBreaks(before, after, mode).map(({ certainty, field, message }) => `${certainty} ${field}: ${message}`);

const BROKEN: readonly Row[] = [
  [
    'a narrower type',
    object({ a: { type: ['string', 'null'] } }),
    object({ a: text }),
    'broken a: The new schema takes string here, and events from before may hold null.',
  ],
  [
    'whole numbers alone',
    object({ a: { type: 'number' } }),
    object({ a: whole }),
    'broken a: The new schema takes integer here, and events from before may hold number with a fraction.',
  ],
  [
    'a field that is required now',
    object({ a: text }),
    object({ a: text }, { required: ['a'] }),
    'broken a: The new schema requires the field, and events from before may lack it.',
  ],
  [
    'a field that a closed object has no more',
    object({ a: text, b: text }, closed),
    object({ a: text }, closed),
    'broken b: The new schema takes no such field, and events from before may hold it.',
  ],
  [
    'an object that is closed now',
    object({ a: text }),
    object({ a: text }, closed),
    'broken : The new schema takes no other fields here, and events from before may hold any.',
  ],
  [
    'a value that is no more',
    object({ a: { enum: ['x', 'y', 'z'] } }),
    object({ a: { enum: ['x'] } }),
    'broken a: The new schema takes only "x" here, and events from before may hold "y", "z".',
  ],
  [
    'another constant, deep inside',
    object({ lines: list(object({ kind: { const: 1 } })) }),
    object({ lines: list(object({ kind: { const: 2 } })) }),
    'broken lines[].kind: The new schema takes only 2 here, and events from before may hold 1.',
  ],
  [
    'tighter bounds',
    object({ a: { type: 'integer', minimum: 0 }, b: { type: 'string' } }),
    object({ a: { type: 'integer', minimum: 1 }, b: { type: 'string', maxLength: 5 } }),
    'broken a: The new schema has minimum: 1 here, and events from before may reach 0.',
    'broken b: The new schema has maxLength: 5 here, and events from before have no such bound.',
  ],
  [
    'another pattern',
    { type: 'string', pattern: '^a+$' },
    { type: 'string', pattern: '^a*$' },
    'unknown : The new schema has pattern here, which cannot be compared unless it is the same in both, and events from before may not match it.',
  ],
  [
    'a new format',
    text,
    { type: 'string', format: 'date' },
    'broken : The new schema has the format date here, and events from before need not match it.',
  ],
  [
    'a list of types behind a reference that calls itself',
    node({ type: ['string', 'null'] }),
    node(text),
    'broken value: The new schema takes string here, and events from before may hold null.',
  ],
  [
    'an alternative that is no more',
    tagged('a', 'b'),
    tagged('a'),
    'broken kind: The new schema takes only "a" here, and events from before may hold "b".',
  ],
  [
    'another condition',
    { if: { required: ['a'] } },
    { if: { required: ['b'] } },
    'unknown : The new schema has if here, which cannot be compared unless it is the same in both, and events from before may not match it.',
  ],
  [
    'a reference out of the schema',
    { $ref: 'https://schemas.example/a' },
    { $ref: 'https://schemas.example/a', title: 'A' },
    'unknown : The new schema has $ref here, which cannot be compared unless it is the same in both, and events from before may not match it.',
  ],
  [
    'a new optional field of an open object, which events may hold by chance',
    object({ a: text }),
    object({ a: text, b: whole }),
    'possible b: The new schema says what the field holds, and events from before may hold anything under a name that their schema leaves open.',
  ],
];

const FINE: readonly Row[] = [
  ['the same', node(text), node(text)],
  ['no schema any more', object({ a: text }), undefined],
  ['a wider type', object({ a: whole }), object({ a: { type: 'number' } })],
  ['a field that is optional now', object({ a: text }, { required: ['a'] }), object({ a: text })],
  ['a new optional field of a closed object', object({ a: text }, closed), object({ a: text, b: text }, closed)],
  ['a field that an open object has no more', object({ a: text, b: text }), object({ a: text })],
  ['one more value', { enum: ['x'] }, { enum: ['x', 'y'] }],
  ['values for a constant', { const: 'x' }, { enum: ['x', 'y'] }],
  ['values within a pattern, a type and bounds', { enum: ['ab'] }, { type: 'string', pattern: '^a', minLength: 2 }],
  ['wider bounds', { type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }],
  ['an alternative more, told apart by a field', tagged('a', 'b'), tagged('a', 'b', 'c')],
  ['alternatives in place of a list of types', { type: ['string', 'null'] }, { anyOf: [text, { type: 'null' }] }],
  ['a list of types in place of alternatives', { oneOf: [text, { type: 'null' }] }, { type: ['string', 'null'] }],
  [
    'a schema in parts',
    object({ a: text }, { required: ['a'] }),
    { allOf: [object({ a: text }), { required: ['a'] }] },
  ],
  ['a reference in place of what it leads to', list(text), { ...list({ $ref: '#/$defs/t' }), $defs: { t: text } }],
  ['items of draft-07', { items: [text], additionalItems: false }, { prefixItems: [text], items: false }],
  ['a mark of what is sensitive', text, { ...text, 'x-sensitive': true }],
  ['other words about it', { type: 'string', title: 'a' }, { type: 'string', description: 'b', examples: ['x'] }],
  ['a field whose name is that of a keyword', object({ title: text }), object({ title: text }, { title: 'x' })],
];

describe('breaks of a schema', () => {
  for (const [name, before, after, ...expected] of BROKEN) {
    it(`names ${name}`, () => assert.deepEqual(said(before, after), expected));
  }

  for (const [name, before, after] of FINE) {
    it(`finds nothing in ${name}`, () => assert.deepEqual(said(before, after), []));
  }

  it('looks at the field, not at its name alone', () => {
    assert.equal(said(object({ title: text }), object({ title: whole })).length, 1);
  });

  it('compares in the direction that the mode names', () => {
    const [before, after] = [object({ a: text }, { required: ['a'] }), object({ a: text })];
    assert.deepEqual(said(before, after, 'none'), []);
    assert.deepEqual(said(before, after, 'backward'), []);
    const forward = ['broken a: The old schema requires the field, and new events may lack it.'];
    assert.deepEqual(said(before, after, 'forward'), forward);
    assert.deepEqual(said(before, after, 'full'), forward);
    assert.deepEqual(said(after, before, 'full').length, 1);
  });

  it('points into the new schema', () => {
    const before = object({ a: list({ enum: ['x', 'y'] }) });
    const after = object({ a: list({ enum: ['x'] }) });
    assert.deepEqual(
      schemaBreaks(before, after, 'backward').map(({ pointer }) => pointer),
      ['/properties/a/items/enum'],
    );
    assert.deepEqual(
      schemaBreaks(after, before, 'forward').map(({ pointer }) => pointer),
      ['/properties/a/items'],
    );
  });

  it('takes one alternative more beside very many', () => {
    const kinds = Array.from({ length: 150 }, (_, number) => `kind-${number}`);
    assert.deepEqual(said(tagged(...kinds), tagged(...kinds, 'another')), []);
    assert.equal(said(tagged(...kinds, 'another'), tagged(...kinds)).length, 1);
  });

  it('takes schemas that all refer to each other', () => {
    const names = [...'abcdefghijkl'];
    const references = Object.fromEntries(names.map(name => [name, { $ref: `#/$defs/${name}` }]));
    const web = (leaf: Schema) => ({
      $ref: '#/$defs/a',
      $defs: Object.fromEntries(names.map(name => [name, object({ ...references, leaf: { ...leaf } })])),
    });
    const found = said(web({ type: ['string', 'null'] }), web(text));
    assert.equal(found.length, names.length);
    assert.ok(found.every(one => /^broken ([b-l]\.)*leaf: /.test(one)));
  });
});
