// The shape of files: short, introduced by one sentence, named in kebab-case, exporting by name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FOLDERS, root, sourceFiles } from './source-files.ts';

const MAX_LINES = 300;
const MAX_MEDIAN_LINES = 100;
const MAX_FILES = 25;
/**
 * Folders with more files side by side than that. Divide them: no number here
 * grows, and no folder is added.
 */
const LARGE_FOLDERS: Readonly<Record<string, number>> = {};

const files = FOLDERS.flatMap(sourceFiles).map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const written = files.filter(({ text }) => !/generated/i.test(text.split('\n', 1)[0] ?? ''));

describe('files', () => {
  it(`have at most ${MAX_LINES} lines`, () => {
    const long = written.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES).map(({ path }) => path);
    assert.deepEqual(long, []);
  });

  it(`have a median of less than ${MAX_MEDIAN_LINES} lines`, () => {
    const lengths = written.map(({ text }) => text.split('\n').length).sort((a, b) => a - b);
    const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
    assert.ok(median < MAX_MEDIAN_LINES, `${median} lines`);
  });

  it('begin with a comment that says what they are for', () => {
    const silent = files.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(({ path }) => path);
    assert.deepEqual(silent, []);
  });

  it(`stand at most ${MAX_FILES} side by side, but in the folders that are listed`, () => {
    const folders = Map.groupBy(files, ({ path }) => dirname(path));
    const large = [...folders].filter(([, inside]) => inside.length > MAX_FILES);
    const found = Object.fromEntries(large.map(([folder, inside]) => [folder, inside.length]));
    assert.deepEqual(found, LARGE_FOLDERS);
  });

  it('are named in kebab-case', () => {
    const odd = files
      .map(({ path }) => path)
      .filter(path => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.tsx?$/.test(basename(path)));
    assert.deepEqual(odd, []);
  });
});
