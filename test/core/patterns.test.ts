// What core/patterns.ts promises.
import assert from 'node:assert/strict';
import { compilePattern, createPatternCache } from '../../core/patterns.ts';
import { computingMs } from '../computing-ms.ts';

describe('a pattern', () => {
  it('matches anywhere in a text, unless it is anchored', () => {
    assert.deepEqual([compilePattern('b').test('abc'), compilePattern('^b$').test('abc')], [true, false]);
  });

  const refused: readonly [name: string, source: string][] = [
    ['unclosed group', '('],
    ['back-reference', '(a)\\1'],
    ['look-ahead', 'a(?=b)'],
    ['repetition beyond RE2', '(a{1000}){1000}'],
    ['more than 1000 characters', 'a'.repeat(1001)],
  ];
  for (const [name, source] of refused)
    it(`is refused: ${name}`, () => assert.throws(() => compilePattern(source), Error));

  it('takes time in proportion to the text', () => {
    const test = () => assert.equal(compilePattern('^(a+)+$').test(`${'a'.repeat(27)}!`), false);
    assert.ok(computingMs(test) < 500);
  });
});

describe('a cache of patterns', () => {
  it('compiles each once, and forgets the one not used for longest', () => {
    let compiled = 0;
    const get = createPatternCache(2, () => compiled++);
    get('a');
    get('b');
    get('a');
    get('c');
    assert.equal(compiled, 3);
    get('a');
    assert.equal(compiled, 3);
    get('b');
    assert.equal(compiled, 4);
  });

  it('does not keep what does not compile', () => {
    const get = createPatternCache(2, () => {});
    assert.throws(() => get('('));
    assert.throws(() => get('('));
  });
});
