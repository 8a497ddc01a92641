// Retry-After in both of its forms, and what is none.
import assert from 'node:assert/strict';
import { parseRetryAfter, retryAfterSeconds } from '../../../core/retry/retry-after.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('Retry-After', () => {
  for (const [text, expected] of [
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['99999999', 86_400_000],
    ['Sat, 31 Jan 2026 12:00:30 GMT', 30_000],
    ['Saturday, 31-Jan-26 12:00:30 GMT', 30_000],
    ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-01-31', undefined],
    ['Foo, 99 Bar 2026 12:00:30 GMT', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    it(`${text} is ${expected} ms`, () => assert.equal(parseRetryAfter(text, NOW), expected));
  }

  it('is whole seconds, and never too few of them', () => {
    assert.equal(retryAfterSeconds('7', NOW), 7);
    assert.equal(retryAfterSeconds('Sat, 31 Jan 2026 12:00:30 GMT', NOW - 1), 31);
    assert.equal(retryAfterSeconds('soon', NOW), undefined);
  });
});
