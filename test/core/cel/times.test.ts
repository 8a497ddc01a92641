// Times in zones and durations, each against another way to the same answer.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileExpression } from '../../../core/cel/expression.ts';
import { evaluate, inZone, scope } from './evaluate.ts';

describe('the time in a zone', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Australia/Lord_Howe'];
  const moment = fc.date({ min: new Date('1972-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

  it('is what a clock there shows, wherever the server runs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...zones), moment, (server, zone, at) =>
        inZone(server, () => {
          const shown = evaluate("timestamp(v).format('%F %T', w)", { v: at.toISOString(), w: zone });
          assert.equal(shown, at.toLocaleString('sv-SE', { timeZone: zone }));
          const getters = 'getFullYear getMonth getDate getHours getMinutes getSeconds'.split(' ');
          const parts = getters.map(name => evaluate(`timestamp(v).${name}(w)`, { v: at.toISOString(), w: zone }));
          const [year, month, ...rest] = String(shown).split(/[- :]/).map(Number);
          assert.deepEqual(parts, [year, (month ?? 0) - 1, ...rest]);
        }),
      ),
    );
  });

  it('counts days of the year on any server', () => {
    for (const server of zones)
      inZone(server, () => {
        assert.equal(evaluate("timestamp('2026-07-01T00:00:00Z').getDayOfYear()"), 181);
        assert.equal(evaluate("timestamp('2024-12-31T23:59:59Z').getDayOfYear('UTC')"), 365);
      });
  });

  for (const [day, week] of [
    ['2020-12-31', '2020-W53-4'],
    ['2021-01-03', '2020-W53-7'],
    ['2021-01-04', '2021-W01-1'],
    ['2024-12-30', '2025-W01-1'],
    ['2026-01-01', '2026-W01-4'],
    ['2027-01-01', '2026-W53-5'],
  ] as const)
    it(`knows the week of ${day}`, () => {
      assert.equal(evaluate("timestamp(v).format('%G-W%V-%u')", { v: `${day}T12:00:00Z` }), week);
    });

  for (const wrong of [
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:00:61Z',
    'January 1, 2026 10:00:00',
    '2026-01-31T10:00:00',
    '2026-01-31 10:00:00Z',
    '0000-12-31T00:00:00Z',
  ])
    it(`refuses ${wrong}`, () => {
      assert.throws(() => evaluate('timestamp(v)', { v: wrong }), /needs text such as/);
      assert.throws(() => evaluate(`timestamp('${wrong}')`), /It is no time/);
      if (wrong.startsWith('0000')) return;
      assert.throws(() => compileExpression('v', scope, 'timestamp').evaluate({ v: wrong }), /has to give a timestamp/);
    });

  it('goes back to the year before the first', () => {
    assert.equal(evaluate("timestamp('0001-01-01T00:00:00Z').format('%F', 'America/New_York')"), '0000-12-31');
    assert.equal(evaluate("timestamp('9999-12-31T23:00:00Z').getFullYear('Asia/Tokyo')"), 10_000);
  });

  it('is that of the Gregorian calendar also before it was', () => {
    assert.equal(evaluate("timestamp('1500-03-01T12:00:00Z').format('%F', '+00:00')"), '1500-03-01');
  });

  it('is refused with a zone or a layout that does not exist, before anything runs', () => {
    assert.throws(() => evaluate("timestamp(v).getHours('Berlin')"), /There is no time zone "Berlin"/);
    assert.throws(() => evaluate("timestamp(v).format('%Q')"), /A layout of a time has no "%Q"/);
    assert.throws(
      () => evaluate('timestamp(v).format(w)', { v: '2026-01-01T00:00:00Z', w: '%Q' }),
      /a layout of a time has a directive that is not known/,
    );
  });
});

describe('durations', () => {
  const nanos = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n });
  const seconds = (total: bigint) => {
    const digits = String(total < 0n ? -total : total).padStart(10, '0');
    const fraction = digits.slice(-9).replace(/0+$/, '');
    return `${total < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}s`;
  };

  it('add and subtract to the nanosecond, below zero, too', () => {
    fc.assert(
      fc.property(nanos, nanos, (one, other) => {
        const given = { v: seconds(one), w: seconds(other) };
        assert.equal(evaluate('string(duration(v))', given), seconds(one));
        assert.equal(evaluate('duration(v) + duration(w)', given), seconds(one + other));
        assert.equal(evaluate('duration(v) - duration(w)', given), seconds(one - other));
        assert.equal(evaluate('[duration(v), duration(w)].sum()', given), seconds(one + other));
        assert.equal(evaluate('duration(v) < duration(w)', given), one < other);
        assert.equal(evaluate('duration(v) + duration(w) - duration(w) == duration(v)', given), true);
      }),
    );
  });

  it('between two times are right in both directions', () => {
    const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01.5Z'];
    assert.equal(evaluate('timestamp(v) - timestamp(w)', { v: early, w: late }), '-1.5s');
    assert.equal(evaluate("timestamp(v) - timestamp(w) + duration('1s')", { v: early, w: late }), '-0.5s');
    assert.equal(evaluate('(timestamp(v) - timestamp(w)).getMilliseconds()', { v: late, w: early }), 1500);
  });
});
