// Sizes, rates and percentages as written in resources.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePercent } from '../../../core/units/percent.ts';
import { parseRate } from '../../../core/units/rate.ts';
import { parseSize } from '../../../core/units/size.ts';

describe('a size', () => {
  const rows: readonly [text: string, bytes: number | undefined][] = [
    ['0', 0],
    ['512', 512],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1Mi', 1_048_576],
    ['64M', 64_000_000],
    ['2G', 2e9],
    ['1Gi', 2 ** 30],
    ['1T', 1e12],
    ['1Ti', 2 ** 40],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['9999999Ti', undefined],
    ['', undefined],
    ['Mi', undefined],
    ['1.5Mi', undefined],
    ['-1', undefined],
    ['1mi', undefined],
    ['1 Mi', undefined],
    ['1MB', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['1\n', undefined],
  ];
  for (const [text, bytes] of rows)
    it(`"${text}" is ${bytes === undefined ? 'none' : `${bytes} bytes`}`, () => assert.equal(parseSize(text), bytes));

  it('is its number times the unit, always', () => {
    fc.assert(
      fc.property(
        fc.nat(8000),
        fc.constantFrom(['', 0], ['Ki', 1], ['Mi', 2], ['Gi', 3], ['Ti', 4]),
        (count, [unit, power]) => {
          assert.equal(parseSize(`${count}${unit}`), count * 1024 ** Number(power));
        },
      ),
    );
  });
});

describe('a rate', () => {
  const rows: readonly [text: string, rate: [count: number, periodMs: number] | undefined][] = [
    ['100/s', [100, 1000]],
    ['20/m', [20, 60_000]],
    ['1000/h', [1000, 3_600_000]],
    ['5/d', [5, 86_400_000]],
    ['0.5/s', [0.5, 1000]],
    ['0/s', undefined],
    ['0.0/s', undefined],
    ['100', undefined],
    ['/s', undefined],
    ['100/', undefined],
    ['100/ms', undefined],
    ['100 / s', undefined],
    ['-1/s', undefined],
    ['1e3/s', undefined],
    ['100/s/s', undefined],
    [`${'9'.repeat(40)}/s`, undefined],
  ];
  for (const [text, rate] of rows) {
    it(`"${text}" is ${rate ? `${rate[0]} in ${rate[1]} ms` : 'none'}`, () => {
      const parsed = parseRate(text);
      assert.deepEqual(parsed && [parsed.count, parsed.periodMs], rate);
    });
  }

  it('is above zero and finite, or none, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789./smhd'), maxLength: 40 }), text => {
        const rate = parseRate(text);
        assert.ok(rate === undefined || (rate.count > 0 && Number.isFinite(rate.count) && rate.periodMs > 0));
      }),
    );
  });
});

describe('a percentage', () => {
  const rows: readonly [text: string, fraction: number | undefined][] = [
    ['0%', 0],
    ['50%', 0.5],
    ['0.1%', 0.001],
    ['100%', 1],
    ['100.0%', 1],
    ['100.1%', undefined],
    ['101%', undefined],
    ['50', undefined],
    ['%', undefined],
    ['-5%', undefined],
    ['5 %', undefined],
    ['.5%', undefined],
    ['5.%', undefined],
    ['5%%', undefined],
  ];
  for (const [text, fraction] of rows)
    it(`"${text}" is ${fraction === undefined ? 'none' : fraction}`, () => assert.equal(parsePercent(text), fraction));

  it('is between 0 and 1, or none, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.%'), maxLength: 20 }), text => {
        const fraction = parsePercent(text);
        assert.ok(fraction === undefined || (fraction >= 0 && fraction <= 1));
      }),
    );
  });
});
