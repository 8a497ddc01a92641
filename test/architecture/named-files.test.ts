// Files that code names relative to itself are there: one that has moved fails here,
// and not where it is loaded.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { FOLDERS, root, sourceFiles } from './source-files.ts';

const NAMED = /new URL\(\s*['"]([^'"$:]+)['"],\s*import\.meta\.url/g;
/** Made by the build. */
const MADE = 'dist/';

describe('files that code names relative to itself', () => {
  it('are there', () => {
    const missing = FOLDERS.flatMap(sourceFiles).flatMap(file =>
      [...readFileSync(join(root, file), 'utf8').matchAll(NAMED)]
        .map(([, name = '']) => normalize(join(dirname(file), name)))
        .filter(path => !path.startsWith(MADE) && !existsSync(join(root, path)))
        .map(path => `${file}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });
});
