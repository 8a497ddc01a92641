// Examples in the schemas of Topics and Queues: one that does not match is a warning at its place.
import assert from 'node:assert/strict';
import { check, findings } from './check-text.ts';

const fields = 'required: [id], properties: { id: { type: string }, cups: { type: array, items: { type: integer } } }';
const schemaWith = (examples: string) => `schema: { type: object, ${fields}, examples: ${examples} }`;

describe('examples of a schema', () => {
  const rows: readonly [name: string, examples: string, found: readonly string[]][] = [
    ['match', '[{ id: a }, { id: b, cups: [1, 2] }]', []],
    ['are none', '[]', []],
    [
      'lack a field',
      '[{ id: a }, { cups: [] }]',
      ['spec.schema.examples[1].id | This example does not match its schema: id is missing.'],
    ],
    [
      'have a wrong item',
      '[{ id: a, cups: [1, x] }]',
      ['spec.schema.examples[0].cups[1] | This example does not match its schema: cups[1] must be integer.'],
    ],
    [
      'are of another type',
      '[7]',
      ['spec.schema.examples[0] | This example does not match its schema: it must be object.'],
    ],
    [
      'are wrong in several places',
      '[{ id: 1, cups: [x] }]',
      [
        'spec.schema.examples[0].id | This example does not match its schema: id must be string. 1 more of its values do not match.',
      ],
    ],
  ];
  for (const [name, examples, found] of rows) {
    it(`that ${name}`, () => {
      const expected = found.map(text => `${text} Change the example or the schema.`);
      assert.deepEqual(findings([['Topic', 'a', `{ ${schemaWith(examples)} }`]]), expected);
      assert.deepEqual(findings([['Queue', 'a', `{ to: { url: "http://x" }, ${schemaWith(examples)} }`]]), expected);
    });
  }

  it('are told with their line', () => {
    const [problem] = check([
      ['Topic', 'a', `\n  ${schemaWith('\n    [{ id: a },\n     { id: 1 }] ')}`.replace(/^/, '')],
    ]);
    assert.deepEqual([problem?.severity, problem?.line], ['warning', 7]);
  });

  it('do not hide that the schema itself is wrong', () => {
    const found = findings([['Topic', 'a', '{ schema: { $ref: "#/$defs/none", examples: [1] } }']]);
    assert.equal(found.length, 1);
    assert.doesNotMatch(found[0] ?? '', /example/);
  });
});
