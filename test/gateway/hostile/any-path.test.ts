// Any path at all: what is matched is what is forwarded, in the eyes of whoever parses it next; and
// no value leaves its place in a path.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { normalizePath } from '../../../core/paths/normalize-path.ts';
import { matchShape, shapeOf } from '../../../core/paths/path-shape.ts';
import { compilePath } from '../../../gateway/upstream/path-template.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';

const piece = fc.constantFrom(
  ...['/', '//', 'admin', '%61dmin', 'a', 'Z', '.', '..', '%2e', '%2E%2e', '%2f', '%5c', '\\', ';', ';x=1', '%3b'],
  ...[
    '%00',
    '%0d%0a',
    '%c0%af',
    '%c3%a9',
    '%ed%a0%80',
    '%25',
    '%252e',
    '%',
    '%4',
    '%zz',
    'é',
    ' ',
    '+',
    '#',
    '?',
    '@',
    ':',
    '|',
  ],
);
const hostile = fc
  .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 10 })
  .map(all => all.join(''));

describe('any path', () => {
  it('is refused, or means the same to every parser and to the router', () => {
    let kept = 0;
    fc.assert(
      fc.property(hostile, text => {
        let path: string;
        try {
          path = normalizePath(`/${text}`);
        } catch (error) {
          assert.ok(error instanceof TenfoldError && error.code === 'bad-request', String(error));
          return;
        }
        kept++;
        // The URL standard's parser takes dot segments away, in any escape, and turns
        // backslashes: here is none left.
        assert.equal(new URL(`http://a.example${path}`).pathname, path);
        for (const segment of path.split('/').map(decodeURIComponent)) {
          assert.ok(!['.', '..'].includes(segment.split(';')[0] ?? ''), path);
          assert.doesNotMatch(segment, /[\0-\x1f\x7f\\]/);
        }
        const closed = matchShape(shapeOf('/admin'), path) !== undefined;
        assert.equal(closed, decodeURIComponent(path) === '/admin');
        assert.equal(closed, path === '/admin', 'one spelling alone is forwarded');
        const open = matchShape(shapeOf('/*'), path);
        assert.equal(open?.['*'], decodeURIComponent(path.slice(1)));
      }),
      { numRuns: 5000 },
    );
    assert.ok(kept > 300, `only ${kept} were not refused`);
  });

  it('whatever a value holds, it stays in its segment of a template, or the call is not made', () => {
    let made = 0;
    const template = compilePath('/orders/${params.id}/items/${params.item}?q=${params.q}', scopeOf('request'));
    const value = fc.oneof(hostile, fc.constantFrom('..;', '.;a', '..'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(value, value, value, (id, item, q) => {
        let path: string;
        try {
          path = template.evaluate({ params: { id, item, q } });
        } catch (error) {
          assert.ok(error instanceof TenfoldError && error.code === 'invalid-input', String(error));
          return;
        }
        made++;
        const url = new URL(`http://a.example${path}`);
        assert.equal(url.host, 'a.example');
        assert.equal(url.hash, '');
        const given = url.pathname.split('/').map(decodeURIComponent);
        for (const segment of given) assert.ok(!['.', '..'].includes(segment.split(';')[0] ?? ''), path);
        assert.deepEqual(given, ['', 'orders', id.toWellFormed(), 'items', item.toWellFormed()]);
        assert.equal(path.slice(path.indexOf('?')), `?q=${encodeURIComponent(q.toWellFormed())}`);
      }),
      { numRuns: 3000 },
    );
    assert.ok(made > 500, `only ${made} calls were made`);
  });
});
