// What of a function's output reaches the terminal.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { safeText } from '../../../cli/dev/safe-text.ts';

describe('text of functions', () => {
  const rows = [
    {
      name: 'colours pass to a terminal',
      text: '\u001b[31mred\u001b[0m',
      colours: true,
      shown: '\u001b[31mred\u001b[0m',
    },
    { name: 'colours do not pass to a file', text: '\u001b[31mred\u001b[0m', colours: false, shown: 'red' },
    { name: 'clearing the screen does not pass', text: 'a\u001b[2J\u001b[Hb', colours: true, shown: 'ab' },
    { name: 'a window title does not pass', text: 'a\u001b]0;owned\u0007b', colours: true, shown: 'ab' },
    { name: 'going back on the line does not pass', text: 'safe\rEVIL\u0008', colours: true, shown: 'safeEVIL' },
    { name: 'tabs pass', text: 'a\tb', colours: true, shown: 'a\tb' },
  ];
  for (const { name, text, colours, shown } of rows) it(name, () => assert.equal(safeText(text, colours), shown));

  it('never keeps a control character, whatever the text', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('\u001b', '\u001b[', '\u001b[31m', '\u009b', '\u0007', ';', 'm', '2J'),
    );
    fc.assert(
      fc.property(fc.array(part), parts => {
        assert.doesNotMatch(safeText(parts.join(''), false), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
