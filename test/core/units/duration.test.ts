// What core/units/duration.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../core/units/duration.ts';
import { computingMs } from '../../computing-ms.ts';

describe('a duration', () => {
  const rows: readonly [text: string, ms: number][] = [
    ['300ms', 300],
    ['30s', 30_000],
    ['15m', 900_000],
    ['6h', 21_600_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['0s', 0],
    ['0.5ms', 1],
    ['1m1m', 120_000],
  ];
  for (const [text, ms] of rows) it(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));

  const wrong = [
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s ',
    '-5s',
    '+5s',
    '5S',
    '5sec',
    '1e3s',
    '.5s',
    '5.s',
    '1.2.3s',
    '5µs',
    '5s\n',
    '∞',
    `${'9'.repeat(30)}d`,
    `${'1'.repeat(40)}s`,
  ];
  for (const text of wrong) it(`"${text}" is none`, () => assert.equal(parseDuration(text), undefined));

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 365 * 86_400_000 }), ms => {
        assert.equal(parseDuration(formatDuration(ms)), ms);
      }),
    );
  });

  it('is written in its shortest form', () => {
    assert.deepEqual([90_000, 86_400_000, 0, 1, 3_661_001].map(formatDuration), [
      '1m30s',
      '1d',
      '0s',
      '1ms',
      '1h1m1s1ms',
    ]);
  });

  it('of several parts is the sum of them', () => {
    fc.assert(
      fc.property(
        fc.nat(99),
        fc.nat(99),
        fc.constantFrom('ms', 's', 'm', 'h', 'd'),
        fc.constantFrom('ms', 's', 'm', 'h', 'd'),
        (a, b, unitA, unitB) => {
          const [one, other] = [`${a}${unitA}`, `${b}${unitB}`];
          assert.equal(parseDuration(one + other), (parseDuration(one) ?? 0) + (parseDuration(other) ?? 0));
        },
      ),
    );
  });

  it('is undefined or a whole number of milliseconds, for any text, at once', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.smhd '), maxLength: 200 }), text => {
        const ms = parseDuration(text);
        assert.ok(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0));
      }),
    );
    const long = '1'.repeat(1_000_000);
    assert.ok(computingMs(() => assert.equal(parseDuration(long), undefined)) < 100);
  });
});
