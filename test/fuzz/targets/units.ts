// Durations, sizes, rates and percentages: the value is what exact arithmetic makes of the text,
// and what is written for it reads the same.
import assert from 'node:assert/strict';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../../core/units/duration.ts';
import { parsePercent } from '../../../core/units/percent.ts';
import { parseRate } from '../../../core/units/rate.ts';
import { parseSize } from '../../../core/units/size.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const UNIT_MS: Readonly<Record<string, bigint>> = { d: 86_400_000n, h: 3_600_000n, m: 60_000n, s: 1000n, ms: 1n };
const FACTORS: Readonly<Record<string, bigint>> = {
  ...{ '': 1n, k: 1000n, M: 10n ** 6n, G: 10n ** 9n, T: 10n ** 12n },
  ...{ Ki: 1n << 10n, Mi: 1n << 20n, Gi: 1n << 30n, Ti: 1n << 40n },
};
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
/** Digits behind the point that texts of this length can have. */
const SCALE = 10n ** 32n;

export const units: FuzzTarget = {
  name: 'units',
  words: [
    'ms',
    's',
    'm',
    'h',
    'd',
    '/s',
    '/m',
    '/h',
    '/d',
    '%',
    'k',
    'Ki',
    'Mi',
    'G',
    'Ti',
    '.',
    '0.1',
    '9007199254740991',
    '1e3',
    '-1',
    ' ',
  ],
  runs: 30_000,
  run(input) {
    const text = input.toString('utf8').slice(0, 40);
    const ms = parseDuration(text);
    const exact = exactDuration(text);
    assert.equal(ms === undefined, exact === undefined || exact > LARGEST, `${text} is ${ms}`);
    if (ms !== undefined && exact !== undefined) {
      const off = BigInt(ms) - exact;
      assert.ok(off >= -1n && off <= 1n, `${text} is ${exact} ms, not ${ms}`);
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }
    const bytes = parseSize(text);
    const exactBytes = exactSize(text);
    assert.equal(bytes, exactBytes === undefined || exactBytes > LARGEST ? undefined : Number(exactBytes));
    const rate = parseRate(text);
    if (rate !== undefined) assert.ok(rate.count > 0 && Number.isFinite(rate.count) && rate.periodMs > 0);
    const share = parsePercent(text);
    if (share !== undefined) assert.ok(share >= 0 && share <= 1);
    return [ms, bytes, rate, share].map(value => value === undefined).join();
  },
};

function exactDuration(text: string): bigint | undefined {
  if (text.length > 32 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', , part = '', unit = ''] of text.matchAll(/([0-9]+)(\.([0-9]+))?(ms|s|m|h|d)/g))
    total += (BigInt(whole) * SCALE + (BigInt(part.padEnd(32, '0')) * SCALE) / 10n ** 32n) * (UNIT_MS[unit] ?? 0n);
  return (total + SCALE / 2n) / SCALE;
}

function exactSize(text: string): bigint | undefined {
  const [, digits, suffix = ''] = /^([0-9]+)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  return digits === undefined || text.length > 20 ? undefined : BigInt(digits) * (FACTORS[suffix] ?? 0n);
}
