// Hooks of tests stand in a `describe`: at the root of a file they run around the tests of all
// other files of the process too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourceFiles } from './source-files.ts';

describe('hooks', () => {
  it('are at the root of no file', () => {
    const found = ['test', 'functions'].flatMap(sourceFiles).flatMap(path =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => (/^(before|after)(Each)?\(/.test(line) ? [`${path}:${index + 1}`] : [])),
    );
    assert.deepEqual(found, []);
  });
});
