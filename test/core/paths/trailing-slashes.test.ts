// Slashes at the end of a path go, in linear time.
import assert from 'node:assert/strict';
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';
import { computingMs } from '../../computing-ms.ts';

describe('a path without the slashes at its end', () => {
  for (const [path, without] of [
    ['', ''],
    ['/', ''],
    ['///', ''],
    ['/a', '/a'],
    ['/a/', '/a'],
    ['//a//b//', '//a//b'],
    ['http://host/', 'http://host'],
  ] as const)
    it(`of "${path}" is "${without}"`, () => assert.equal(withoutTrailingSlashes(path), without));

  it('takes no longer where somebody sends a million of them elsewhere', () => {
    const path = `${'/'.repeat(1_000_000)}x`;
    // A pattern took minutes.
    assert.ok(computingMs(() => assert.equal(withoutTrailingSlashes(path), path)) < 1000);
  });
});
