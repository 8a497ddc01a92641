// What core/problem.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { toProblem } from '../../core/problem.ts';

describe('the problem document of an error', () => {
  it('says what happened, with its address, status and trace', () => {
    assert.deepEqual(
      toProblem(new TenfoldError('not-found', 'There is no order 7.', { extensions: { order: 7 } }), 'abc'),
      {
        order: 7,
        type: 'https://tenfold.dev/errors#not-found',
        title: 'Nothing is here',
        status: 404,
        detail: 'There is no order 7.',
        trace: 'abc',
      },
    );
  });

  const secret = 'postgres://user:hunter2@db';
  const unexpected: readonly [name: string, error: unknown][] = [
    ['an error of somebody else', new TypeError(secret)],
    ['an error of ours that is internal', new TenfoldError('internal', secret, { extensions: { secret } })],
    ['an error with a cause', new Error(secret, { cause: new Error(secret) })],
    ['an object with status and detail', { status: 418, detail: secret, code: 'not-found', message: secret }],
    ['a text', secret],
    ['nothing', undefined],
  ];
  for (const [name, error] of unexpected) {
    it(`shows nothing of ${name}`, () => {
      assert.deepEqual(toProblem(error), {
        type: 'https://tenfold.dev/errors#internal',
        title: errorCodes.internal.title,
        status: 500,
      });
    });
  }

  it('cannot be given another type, status or detail by extensions', () => {
    const extensions = { type: 'x', title: 'x', status: 200, detail: 'x', trace: 'x' };
    const problem = toProblem(new TenfoldError('conflict', 'Taken.', { extensions }), 't');
    assert.deepEqual(
      [problem.status, problem.title, problem.detail, problem.trace],
      [409, errorCodes.conflict.title, 'Taken.', 't'],
    );
    assert.equal(problem.type, 'https://tenfold.dev/errors#conflict');
  });

  it('has the status of the table for every code', () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(errorCodes) as Code[])), fc.string(), (code, message) => {
        const problem = toProblem(new TenfoldError(code, message));
        assert.equal(problem.status, errorCodes[code].status);
        assert.equal(problem.type.endsWith(`#${code}`), true);
      }),
    );
  });
});
