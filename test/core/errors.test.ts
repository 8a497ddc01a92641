// What core/errors.ts promises.
import assert from 'node:assert/strict';
import { type Code, errorCodes, isRetryable, TenfoldError } from '../../core/errors.ts';

const codes = Object.keys(errorCodes) as Code[];

describe('the table of error codes', () => {
  for (const code of codes) {
    it(`${code} has an HTTP error status, a title of its own, and a name that can be part of an address`, () => {
      const { status, title } = errorCodes[code];
      assert.ok(status >= 400 && status <= 599);
      assert.match(title, /^[A-Z].*[^.]$/);
      assert.equal(codes.filter(other => errorCodes[other].title === title).length, 1);
      assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    });
  }

  it('lets only those errors be tried again that may pass by themselves', () => {
    // RFC 9110 §15.5.9, RFC 6585 §4, RFC 9110 §15.6: what a caller may repeat unchanged.
    // And a 409 that says the same request is still being worked on.
    for (const code of codes.filter(one => errorCodes[one].retryable && one !== 'in-progress')) {
      assert.ok([408, 425, 429, 502, 503, 504].includes(errorCodes[code].status), code);
    }
  });
});

describe('an error', () => {
  it('takes status, title and retryable from the table', () => {
    const error = new TenfoldError('overloaded', 'Too many requests wait.', {
      retryAfterSeconds: 2,
      extensions: { waiting: 9 },
    });
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.name, error.code, error.status, error.title, error.retryable, error.retryAfterSeconds, error.extensions],
      ['TenfoldError', 'overloaded', 503, 'Too much work is waiting', true, 2, { waiting: 9 }],
    );
  });

  it('has a cause only when it was given one', () => {
    const cause = new Error('below');
    assert.equal(new TenfoldError('timeout', 'x', { cause }).cause, cause);
    assert.equal('cause' in new TenfoldError('timeout', 'x'), false);
  });

  const rows: readonly [name: string, error: unknown, retryable: boolean][] = [
    ['timeout', new TenfoldError('timeout', 'x'), true],
    ['wrong input', new TenfoldError('invalid-input', 'x'), false],
    ['an error of somebody else', new Error('x'), false],
    ['something that looks like one of ours', { retryable: true }, false],
    ['nothing', undefined, false],
  ];
  for (const [name, error, retryable] of rows) {
    it(`is ${retryable ? '' : 'not '}worth another try: ${name}`, () => assert.equal(isRetryable(error), retryable));
  }
});
