// Keys of objects that expire: never before their time, and in the order of their ends.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expiringKey, expiryOf, hourOf } from '../../core/expiring-key.ts';

const time = fc.integer({ min: 0, max: Date.parse('2100-01-01') });

describe('keys of objects that expire', () => {
  it('say when, at most an hour late and never early', () => {
    fc.assert(
      fc.property(time, ms => {
        const end = expiryOf(expiringKey(hourOf(ms), 'data/a/b'));
        assert.ok(end !== undefined && end >= ms && end < ms + 3_600_000);
      }),
    );
  });

  it('are in the order of their ends', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [first, second] = [a, b].map(ms => expiringKey(hourOf(ms), 'x'));
        if (first! < second!) assert.ok(a < b);
      }),
    );
  });

  for (const key of ['', 'expiring/', 'expiring/soon/x', 'data/2026-01-31T12/x', 'expiring/2026-99-99T99/x']) {
    it(`"${key}" is none`, () => assert.equal(expiryOf(key), undefined));
  }
});
