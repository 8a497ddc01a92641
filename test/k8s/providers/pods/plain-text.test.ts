// What of a log, or of a message, comes into the status of a Function.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toLogTail, toPlainText } from '../../../../k8s/providers/pods/plain-text.ts';

const line = (fields: object) => JSON.stringify({ time: '2026-01-01T00:00:00Z', level: 'error', ...fields });

const rows: readonly [name: string, log: string, expected: string][] = [
  ['one line', 'Error: no such table\n', 'Error: no such table'],
  ['several lines, without places of a stack', 'a\n\nError: b\n    at c (d:1:2)\n    ^^^\n', 'a | Error: b'],
  ['colours and what steers a terminal', '\u001b[31mred\u001b[0m\u0007\u0000 \u001b]0;title\u0007x\r', 'red x'],
  ['a text that turns its direction', 'a\u202eb\u2066c', 'a b c'],
  [
    'lines of the runtime',
    `${line({ message: 'the function does not load', failure: { message: 'no module "x"' } })}\n`,
    'the function does not load: no module "x"',
  ],
  ['a line that begins as JSON', '{"half', '{"half'],
  ['JSON of somebody else', '{"msg":"x"}', '{"msg":"x"}'],
];

describe('The last lines of a log', () => {
  for (const [name, log, expected] of rows) {
    it(`in one: ${name}`, () => assert.equal(toLogTail(log, 1000), expected));
  }

  it('are the newest ones where there are too many, and say that there are more', () => {
    const tail = toLogTail(Array.from({ length: 99 }, (_, index) => `line ${index}`).join('\n'), 30);
    assert.ok(tail.startsWith('…') && tail.endsWith('| line 98') && tail.length <= 30, tail);
  });

  it('steer nothing and keep their bound, whatever they are', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 80 }), (said, longest) => {
        for (const plain of [toLogTail(said, longest), toPlainText(said, longest)]) {
          assert.ok(plain.length <= longest);
          assert.doesNotMatch(plain, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });
});

describe('A message', () => {
  it('is cut at its end, and says so', () => {
    assert.equal(toPlainText('not found in the registry', 10), 'not found…');
    assert.equal(toPlainText('not found', 10), 'not found');
  });
});
