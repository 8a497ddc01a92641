// Any text at all as a resource file: problems with a place, never a crash or a hang.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadText } from '../../../resources/load/load-text.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';

const HEAD = 'apiVersion: tenfold.dev/v1alpha1\n';
const line = fc.constantFrom(
  ...[
    'kind: Topic',
    'kind: Api',
    'kind: Function',
    'kind: Aggregate',
    'metadata:',
    '  name: a',
    '  name: b',
    'spec:',
    'spec: {}',
    '  key: "${event.id}"',
  ],
  ...[
    '  routes:',
    '    - match: { path: /x }',
    '      to: { function: f }',
    '      to: [1, { queue: q, weight: 2 }]',
    '  source: ./f.ts',
    '  url: http://a',
  ],
  ...[
    '---',
    '...',
    '  &a b',
    '  *a',
    '  <<: *a',
    '\t',
    '# x',
    '- 1',
    '  - [',
    '{',
    '}',
    '"',
    "'",
    '  key: |',
    '    text',
    '? x',
    ': y',
    '!!str',
    '%YAML 1.1',
  ],
  ...[
    '  schema: { type: object }',
    '  schema: { $ref: "#" }',
    '  parts: { a: { to: { url: "http://a" } } }',
    '  response: { body: "${a.body}" }',
    '  partitions: 0x10',
  ],
);
const document = fc.array(line, { maxLength: 12 }).map(lines => HEAD + lines.join('\n'));

describe('any text in a file', () => {
  it('gives resources, or problems with a place in the file', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          document,
          fc.string({ unit: 'grapheme' }).map(text => HEAD + text),
        ),
        text => {
          const { resources, problems, drafts } = loadText('a.yaml', text);
          const between = checkReferences(createResourceSet(resources), { drafts, filesBeside: () => [] });
          const lines = text.split('\n').length;
          for (const { line, column, message } of [...problems, ...between]) {
            assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column}`);
            assert.match(message, /^\S.*[.?\w]$/s);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
