// Comments have at most 100 columns, so that they are read and not scrolled.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

const MAX = 100;
const COMMENT = /^\s*(\/\/|\/?\*)/;
/** What cannot be divided: instructions for tools, and addresses. */
const WHOLE = /biome-ignore|@ts-|yaml-language-server|https?:\/\/\S{60}/;

const isTooLong = (line: string) => line.length > MAX && COMMENT.test(line) && !WHOLE.test(line);

describe('comments', () => {
  it(`have at most ${MAX} columns`, () => {
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mts', '*.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    const wrong: string[] = [];
    for (const file of files.trim().split('\n')) {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) if (isTooLong(line)) wrong.push(`${file}:${index + 1}`);
    }
    assert.deepEqual(wrong, []);
  });

  for (const line of [`// ${'word '.repeat(30)}`, ` * ${'word '.repeat(30)}`, `/** ${'word '.repeat(30)}*/`])
    it(`would be found: ${line.slice(0, 20)}…`, () => assert.ok(isTooLong(line)));
});
