// The path that is matched is the path that is forwarded: one normal form, or a refusal.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalizePath } from '../../../core/paths/normalize-path.ts';

const kept: Record<string, [string, string]> = {
  'a plain path': ['/orders/42', '/orders/42'],
  'the root': ['/', '/'],
  'a trailing slash': ['/orders/', '/orders/'],
  'a matrix parameter as part of its segment': ['/a;x/b', '/a;x/b'],
  'a dot inside a segment': ['/v1.2/a.json', '/v1.2/a.json'],
  'a leading dot that is no dot segment': ['/.well-known/x', '/.well-known/x'],
  'three dots': ['/.../x', '/.../x'],
  'an encoded unreserved character, decoded': ['/%61dmin', '/admin'],
  'an encoded slash, kept encoded in upper case': ['/a%2fb', '/a%2Fb'],
  'an encoded space': ['/a%20b', '/a%20b'],
  'encoded UTF-8': ['/caf%c3%a9', '/caf%C3%A9'],
};

const refused: Record<string, string> = {
  'a dot-dot segment': '/a/../b',
  'a dot segment': '/a/./b',
  'a dot-dot segment at the end': '/a/..',
  'an encoded dot-dot segment': '/a/%2e%2e/b',
  'a half-encoded dot-dot segment': '/a/.%2E/b',
  'a dot-dot segment with a parameter': '/a/..;x/b',
  'a dot-dot before an encoded slash': '/a/..%2Fb',
  'a dot-dot between encoded slashes': '/a%2F..%2Fb',
  'a dot-dot after an encoded slash': '/a%2f%2e%2e',
  'an empty segment': '//evil/x',
  'an empty segment inside': '/a//b',
  'a backslash': '/a\\..\\b',
  'an encoded backslash': '/a%5cb',
  'an encoded NUL': '/a%00b',
  'an encoded line end': '/a%0d%0ab',
  'a lone percent sign': '/100%',
  'a broken escape': '/a%zz',
  'an overlong slash': '/a%c0%afb',
  'half a character': '/a%c3',
  'a raw non-ASCII character': '/caf\u00e9',
  'a raw quote': '/a"b',
};

describe('normalizePath', () => {
  for (const [name, [path, expected]] of Object.entries(kept)) {
    it(`keeps ${name}`, () => assert.equal(normalizePath(path), expected));
  }
  for (const [name, path] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.throws(() => normalizePath(path), { code: 'bad-request' }));
  }
  it('gives a form that it leaves alone', () => {
    const piece = fc.constantFrom(
      '/',
      'a',
      'Z',
      '0',
      '.',
      '%2f',
      '%41',
      '%c3%a9',
      '%20',
      ';',
      ':',
      '~',
      '-',
      '%',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        let normal: string;
        try {
          normal = normalizePath(`/${pieces.join('')}`);
        } catch {
          return;
        }
        assert.equal(normalizePath(normal), normal);
        assert.doesNotMatch(normal, /\/\/|\/\.\.?(\/|$)|\\/);
      }),
      { numRuns: 2000 },
    );
  });
});
