// Tests that write events as `a1 b1 a2` say at the top of their file what that means.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourceFiles } from './source-files.ts';

/** A letter and a number, several times: events by their keys, or the like. */
const TRACE = /(['"`])-?[a-z]\d+!?( -?[a-z]\d+!?)+\1/;
/** It stands among the comments that the file begins with. */
const KEY = /^(\/\/ .*\n)*\/\/ Key to the traces: /;

describe('traces in tests', () => {
  const withTraces = sourceFiles('test')
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ path, text }) => path !== 'test/architecture/trace-keys.test.ts' && TRACE.test(text));

  it('are found', () => {
    assert.ok(withTraces.some(({ path }) => path === 'test/worker/dispatch/dispatcher.test.ts'));
  });

  it('have a key at the top of their file', () => {
    const without = withTraces.filter(({ text }) => !KEY.test(text)).map(({ path }) => path);
    assert.deepEqual(without, [], 'begin a comment at the top of these files with "Key to the traces:"');
  });
});
