// What the SDK repeats of the rest of the product because it must not import it, and what holds
// across copies of the package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HttpProblem, InvokeError, problem } from 'tenfold';
import { errorCodes } from '../../core/errors.ts';
import { toProblem } from '../../core/problem.ts';
import * as core from '../../core/wire.ts';
import * as sdk from '../../sdk/client/wire.ts';
import { knownProblem, knownProblems } from '../../sdk/kernel/known-problems.ts';

describe('the SDK and the rest of the product', () => {
  const theirs = new Map<string, unknown>(Object.entries(core));
  for (const [name, value] of Object.entries(sdk).filter(([name]) => name.endsWith('_HEADER'))) {
    it(`agree on ${name}`, () => assert.equal(value, theirs.get(name)));
  }

  for (const [code, { status, title }] of Object.entries(knownProblems)) {
    it(`agree on the problem ${code}`, () => {
      const known = errorCodes[code as keyof typeof errorCodes];
      assert.deepEqual({ status: known.status, title: known.title }, { status, title });
    });
  }

  it('agree on the type of a problem', () => {
    assert.equal(knownProblem('internal').document['type'], toProblem(new Error('x')).type);
  });

  it('recognise errors of another copy of the package, and derived classes as JavaScript does', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('tenfold.problem')]: true });
    assert.ok(foreign instanceof HttpProblem);
    assert.ok(!(foreign instanceof InvokeError));
    class Conflict extends HttpProblem {}
    assert.ok(new Conflict(409) instanceof Conflict && new Conflict(409) instanceof HttpProblem);
    assert.ok(!(problem(409) instanceof Conflict));
  });

  for (const status of [99, 200, 399, 600, 404.5]) {
    it(`a problem cannot have the status ${status}`, () => assert.throws(() => problem(status), RangeError));
  }
});

describe('the types', () => {
  it('infer parameters, schemas, clients and registered names exactly', async () => {
    const project = new URL('../fixtures/sdk-types/', import.meta.url);
    const tsc = new URL('../../node_modules/.bin/tsc', import.meta.url);
    await promisify(execFile)(tsc.pathname, ['-p', project.pathname]).catch((error: { stdout: string }) =>
      assert.fail(error.stdout),
    );
  });
});
