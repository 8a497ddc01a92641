// Any text at all given to expressions and templates: an answer or a clear
// error, never a crash or a hang.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileExpression } from '../../../core/cel/expression.ts';
import { faultOf } from '../../../core/cel/fault.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { eventType } from '../../../core/cel/shapes.ts';
import { compileTemplate } from '../../../core/cel/template.ts';
import { TenfoldError } from '../../../core/errors.ts';

const scope = createScope({ event: eventType });
const event = { id: '1', type: 'a', data: { n: 1, list: [1, 'a', null], text: 'abc', object: { a: 1 } } };

/** Pieces from which much almost makes sense, and some does. */
const piece = fc.constantFrom(
  ...[
    'event',
    '.data',
    '.n',
    '.list',
    '.text',
    '.object',
    '.id',
    '[0]',
    "['a']",
    '1',
    '1.5',
    '1u',
    "'a'",
    'b"a"',
    'true',
    'null',
    'x',
    '.x',
  ],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '==',
    '!=',
    '<',
    '>=',
    '&&',
    '||',
    '!',
    '?',
    ':',
    'in',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ' ',
    '.?',
    '[?',
  ],
  ...[
    '.map(x, ',
    '.filter(x, ',
    '.all(x, ',
    '.exists(x, ',
    'has(',
    'size(',
    '.matches(',
    'matches(',
    'duration(',
    'timestamp(',
    'int(',
  ],
  ...[
    'string(',
    'sum(',
    ".add(1, 'day')",
    ".startOf('day', ",
    'round(',
    'hash(',
    'base64(',
    'format(',
    'type(',
    'dyn(',
    'cel.bind(x, ',
    '.orValue(',
    '.contains(',
    '.split(',
    '.join(',
    '.size()',
    'optional.none()',
    '//',
    '\n',
    '\\',
    '"',
  ],
);
const source = fc.array(piece, { maxLength: 14 }).map(pieces => pieces.join(''));

describe('any text', () => {
  it('compiles to an expression or is refused with a place inside it; evaluating gives JSON or fails properly', () => {
    fc.assert(
      fc.property(fc.oneof(source, fc.string({ unit: 'grapheme' })), text => {
        let expression: ReturnType<typeof compileExpression>;
        try {
          expression = compileExpression(text, scope);
        } catch (error) {
          const fault = faultOf(error);
          assert.ok(fault, String(error));
          assert.ok(fault.offset >= 0 && fault.offset <= text.length, `${fault.offset} in ${JSON.stringify(text)}`);
          assert.match(fault.reason, /^[A-Z].*[.?)]$/s);
          return;
        }
        try {
          const value = expression.evaluate({ event });
          assert.deepEqual(JSON.parse(JSON.stringify([value])), [value]);
        } catch (error) {
          assert.ok(error instanceof TenfoldError && error.code === 'expression-failed', String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('compiles to a template or is refused', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.oneof(piece, fc.constantFrom('${', '}', '$${', '$')), { maxLength: 16 })
          .map(pieces => pieces.join('')),
        text => {
          try {
            compileTemplate(text, scope);
          } catch (error) {
            assert.ok(faultOf(error), String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
