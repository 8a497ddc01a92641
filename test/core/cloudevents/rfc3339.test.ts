// Timestamps: the calendar, fractions, offsets, and agreement with Date for everything Date writes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRfc3339 } from '../../../core/cloudevents/rfc3339.ts';

describe('isRfc3339', () => {
  const rows: Array<[text: string, valid: boolean]> = [
    ['2026-01-31T12:00:00Z', true],
    ['2026-01-31t12:00:00z', true],
    ['2024-02-29T00:00:00Z', true],
    ['2016-12-31T23:59:60Z', true],
    ['2026-01-31T12:00:00.123456789+05:30', true],
    ['2023-02-29T00:00:00Z', false],
    ['1900-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00Z', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-00-01T00:00:00Z', false],
    ['2026-01-00T00:00:00Z', false],
    ['2026-01-01T24:00:00Z', false],
    ['2026-01-01T00:60:00Z', false],
    ['2026-01-01T00:00:61Z', false],
    ['2026-01-01T00:00:00.Z', false],
    ['2026-01-01T00:00:00', false],
    ['2026-01-01 00:00:00Z', false],
    ['2026-01-01T00:00:00+0530', false],
    ['2026-01-01T00:00:00+05:60', false],
    ['2026-01-01T00:00:00Zx', false],
    [`2026-01-01T00:00:00.${'0'.repeat(60)}Z`, false],
    ['', false],
  ];
  for (const [text, valid] of rows) {
    it(`${valid ? 'takes' : 'refuses'} ${text.slice(0, 40) || 'the empty string'}`, () =>
      assert.equal(isRfc3339(text), valid));
  }

  it('takes whatever Date writes for years of four digits', () => {
    const dates = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(fc.property(dates, date => isRfc3339(date.toISOString())));
  });
});
