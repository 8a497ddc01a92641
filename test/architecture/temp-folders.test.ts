// A folder that is made while tests are defined is removed before they run, by the end of another
// file: `removeTempFolders` removes all.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TESTS = join(import.meta.dirname, '..');

/** Lines that make one at the top of a file, or at the top of a `describe`. */
function madeTooEarly(text: string): number[] {
  let outer = '';
  return text.split('\n').flatMap((line, index) => {
    if (/^\S/.test(line)) outer = line;
    const isTop = /^(export )?(const|let) .*= tempFolder\(/.test(line);
    const isDefined = /^describe(\.\w+)?\(/.test(outer) && /^ {2}(const|let) .*= tempFolder\(/.test(line);
    return isTop || isDefined ? [index + 1] : [];
  });
}

describe('temporary folders of tests', () => {
  it('are made when tests run', () => {
    const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.test.ts'));
    assert.ok(files.length > 500);
    const early = files.flatMap(name =>
      madeTooEarly(readFileSync(join(TESTS, name), 'utf8')).map(at => `${name}:${at}`),
    );
    assert.deepEqual(early, []);
  });

  it('would be found', () => {
    assert.deepEqual(madeTooEarly("describe('x', () => {\n  const folder = tempFolder();\n});"), [2]);
    assert.deepEqual(madeTooEarly('const folder = tempFolder();'), [1]);
    assert.deepEqual(madeTooEarly('function start() {\n  const folder = tempFolder();\n}'), []);
  });
});
