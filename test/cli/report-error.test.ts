// What is printed for an error, and with which exit code the process ends.
import assert from 'node:assert/strict';
import { CommandError } from '../../cli/command-error.ts';
import { commandHints, errorHints } from '../../cli/hints.ts';
import { reportError } from '../../cli/report-error.ts';
import { errorCodes, TenfoldError } from '../../core/errors.ts';
import { fakeTerminal } from '../fakes/fake-terminal.ts';

describe('error report', () => {
  const rows = [
    { name: 'a folder that is missing', error: new CommandError('no-folder', 'There is no folder x.'), code: 2 },
    { name: 'no platform', error: new CommandError('no-platform', 'None runs.'), code: 3 },
    { name: 'a taken port', error: new CommandError('port-taken', 'Taken.'), code: 69 },
    { name: 'files in the way', error: new CommandError('files-exist', 'There.'), code: 1 },
    { name: 'invalid resources', error: new TenfoldError('invalid-resource', 'Wrong.'), code: 1 },
    { name: 'an unknown function', error: new TenfoldError('unknown-function', 'None.'), code: 3 },
    { name: 'a refusal', error: new TenfoldError('unauthenticated', 'No.'), code: 4 },
    { name: 'a timeout', error: new TenfoldError('timeout', 'Late.'), code: 5 },
    { name: 'a bug', error: new TypeError('x is not a function'), code: 70 },
    { name: 'something that is no error', error: 'oops', code: 70 },
  ];
  for (const { name, error, code } of rows) {
    it(`of ${name} ends with ${code} and says what is wrong`, () => {
      const terminal = fakeTerminal();
      assert.equal(reportError(error, terminal), code);
      assert.equal(terminal.stdout, '');
      assert.match(terminal.stderr, /^error: /);
      assert.ok(terminal.stderr.includes(error instanceof Error ? error.message : error));
    });
  }

  it('adds what to type next, the hint of the error before that of the table', () => {
    const terminal = fakeTerminal();
    reportError(new CommandError('no-folder', 'None.'), terminal);
    reportError(new CommandError('no-folder', 'None.', { hint: 'do this.' }), terminal);
    assert.equal(terminal.stderr, `error: None.\nNext: ${commandHints['no-folder']}\nerror: None.\nNext: do this.\n`);
  });

  it('shows the stack of a bug, and of nothing else', () => {
    const bug = fakeTerminal();
    reportError(new TypeError('x'), bug);
    assert.match(bug.stderr, /Tenfold has a bug: TypeError: x\n {4}at .*\nNext: please report it/s);
    const known = fakeTerminal();
    reportError(new TenfoldError('timeout', 'Late.'), known);
    assert.equal(known.stderr, 'error: Late.\n');
  });

  it('has hints for codes that exist, each a sentence that ends', () => {
    for (const code of Object.keys(errorHints)) assert.ok(code in errorCodes, code);
    for (const hint of [...Object.values(errorHints), ...Object.values(commandHints)])
      assert.match(hint, /^[a-z].*\.$/);
  });
});
