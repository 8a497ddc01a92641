// Times that are read and moved by the clock of a zone, against what a clock there shows.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileExpression } from '../../../core/cel/expression.ts';
import { evaluate, inZone, scope } from './evaluate.ts';

const zones = [
  ...['UTC', '+05:45', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Beirut'],
  ...['America/Havana', 'Pacific/Apia', 'Australia/Lord_Howe', 'Africa/Casablanca'],
];
const zone = fc.constantFrom(...zones);
const HOUR_MS = 3_600_000;

/** Half of the moments are near one at which a clock somewhere changes. */
const changes = [
  ...['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2018-11-04T03:00Z'],
  ...['2018-02-18T02:00Z', '2026-03-28T22:00Z', '2026-11-01T05:00Z', '2011-12-30T10:00Z', '2026-04-04T15:00Z'],
].map(text => Date.parse(text));
const moment = fc
  .oneof(
    fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }))
      .map(([at, by]) => at + by),
  )
  .map(ms => Math.floor(ms / 1000) * 1000);

const clocks = new Map<string, Intl.DateTimeFormat>();

/** As a clock there shows it: `2026-03-29 02:30:00`. */
function shown(ms: number, timeZone: string): string {
  const clock =
    clocks.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  clocks.set(timeZone, clock);
  return clock.format(ms);
}

const ms = (value: unknown) => Date.parse(String(value));
const iso = (at: number) => new Date(at).toISOString();

/** The quarter hours around a shown time at which a clock shows it; no zone changes between two. */
function momentsShowing(text: string, timeZone: string): number[] {
  const near = ms(`${text.replace(' ', 'T')}Z`);
  return Array.from({ length: 113 }, (_, index) => near + (index - 56) * (HOUR_MS / 4)).filter(
    at => shown(at, timeZone) === text,
  );
}

describe('a time without an offset', () => {
  it('is the first moment at which a clock of the zone shows it, wherever the server runs', () => {
    fc.assert(
      fc.property(zone, zone, moment, (server, w, at) =>
        inZone(server, () => {
          const v = shown(at, w);
          const read = ms(evaluate('timestamp(v, w)', { v, w }));
          assert.equal(shown(read, w), v);
          assert.equal(read, momentsShowing(v, w)[0]);
        }),
      ),
    );
  });

  for (const [text, where, expected] of [
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29 03:30:00'],
    ['2026-03-08 02:00:00', 'America/New_York', '2026-03-08 03:00:00'],
    ['2011-12-30T10:00', 'Pacific/Apia', '2011-12-31 10:00:00'],
    ['2026-10-04T02:10', 'Australia/Lord_Howe', '2026-10-04 02:40:00'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04 01:00:00'],
    ['1919-03-31', 'America/Toronto', '1919-03-31 00:30:00'],
  ] as const)
    it(`that no clock shows is later: ${text} in ${where}`, () => {
      assert.equal(shown(ms(evaluate('timestamp(v, w)', { v: text, w: where })), where), expected);
    });

  for (const wrong of ['2026-02-30', '2026-01-31T09:30:00Z', '2026-01-31T09', '31.01.2026', '2026-01-31T24:00', ''])
    it(`is refused before anything runs, and in data: "${wrong}"`, () => {
      assert.throws(() => compileExpression(`timestamp('${wrong}', w)`, scope), /It is no time without an offset/);
      assert.throws(() => evaluate('timestamp(v, w)', { v: wrong, w: 'UTC' }), /needs text without an offset/);
    });
});

describe('the beginning of a unit', () => {
  const FORM = {
    day: /00:00:00$/,
    month: /-01 00:00:00$/,
    quarter: /-(01|04|07|10)-01 00:00:00$/,
    year: /-01-01 00:00:00$/,
  };

  it('is the first moment of its day, week, month, quarter or year', () => {
    fc.assert(
      fc.property(zone, moment, fc.constantFrom('day', 'month', 'quarter', 'year', 'week'), (w, at, n) => {
        const start = ms(evaluate('timestamp(v).startOf(n, w)', { v: iso(at), w, n }));
        assert.ok(start <= at);
        assert.equal(ms(evaluate('timestamp(v).startOf(n, w)', { v: iso(start), w, n })), start, 'it is its own');
        const before = ms(evaluate('timestamp(v).startOf(n, w)', { v: iso(start - 1), w, n }));
        assert.ok(before < start, 'the moment before belongs to another');
        if (n === 'week') assert.equal(evaluate('timestamp(v).getDayOfWeek(w)', { v: iso(start), w }), 1);
        else if (momentsShowing(`${shown(start, w).slice(0, 10)} 00:00:00`, w).length > 0)
          assert.match(shown(start, w), FORM[n]);
      }),
    );
  });

  it('of an hour or a minute is at most that long ago, also where the clock changes', () => {
    fc.assert(
      fc.property(zone, moment, fc.constantFrom('hour', 'minute'), (w, at, n) => {
        const start = ms(evaluate('timestamp(v).startOf(n, w)', { v: iso(at), w, n }));
        // The clock of Lord Howe goes back by half an hour, within one.
        assert.ok(start <= at && at - start < 1.5 * HOUR_MS);
        if (w !== 'Australia/Lord_Howe') assert.match(shown(start, w), n === 'hour' ? /:00:00$/ : /:00$/);
        if (w !== 'Australia/Lord_Howe') assert.equal(shown(start, w).slice(0, 14), shown(at, w).slice(0, 14));
      }),
    );
  });

  it('keeps to its side of an hour that comes twice', () => {
    for (const [v, start] of [
      ['2026-10-25T00:30:00Z', '2026-10-25T00:00:00.000Z'],
      ['2026-10-25T01:30:00Z', '2026-10-25T01:00:00.000Z'],
    ])
      assert.equal(evaluate("timestamp(v).startOf('hour', 'Europe/Berlin')", { v }), start);
  });
});

describe('a time that is moved', () => {
  it('by days or weeks keeps its time of the day where a clock there shows it', () => {
    fc.assert(
      fc.property(
        zone,
        moment,
        fc.integer({ min: -400, max: 400 }),
        fc.constantFrom('day', 'weeks'),
        (w, at, n, text) => {
          const moved = ms(evaluate('timestamp(v).add(n, text, w)', { v: iso(at), w, n, text }));
          const day = new Date(`${shown(at, w).slice(0, 10)}T00:00Z`);
          day.setUTCDate(day.getUTCDate() + n * (text === 'day' ? 1 : 7));
          const expected = `${day.toISOString().slice(0, 10)} ${shown(at, w).slice(11)}`;
          if (n === 0) assert.equal(moved, at);
          else if (momentsShowing(expected, w).length > 0) assert.equal(shown(moved, w), expected);
          else assert.ok(shown(moved, w) > expected);
        },
      ),
    );
  });

  it('by months keeps its day, or takes the last one', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -500, max: 500 }), (at, n) => {
        const moved = new Date(ms(evaluate("timestamp(v).add(n, 'months')", { v: iso(at), n })));
        const from = new Date(at);
        assert.equal(
          moved.getUTCFullYear() * 12 + moved.getUTCMonth(),
          from.getUTCFullYear() * 12 + from.getUTCMonth() + n,
        );
        const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
        assert.equal(moved.getUTCDate(), Math.min(from.getUTCDate(), last));
        assert.equal(moved.toISOString().slice(11), from.toISOString().slice(11));
      }),
    );
  });

  it('by hours, minutes or seconds is exact', () => {
    fc.assert(
      fc.property(zone, moment, fc.integer({ min: -99, max: 99 }), (w, at, n) => {
        assert.equal(ms(evaluate("timestamp(v).add(n, 'hours', w)", { v: iso(at), w, n })), at + n * HOUR_MS);
      }),
    );
  });

  it('stays in the years 1 to 9999, by whole units', () => {
    const v = '2026-01-31T00:00:00Z';
    for (const [n, unit] of [
      [8000, 'years'],
      [1e18, 'days'],
      [-1e15, 'seconds'],
      [-30_000, 'months'],
    ] as const)
      assert.throws(() => evaluate('timestamp(v).add(n, w)', { v, n, w: unit }), /not in the years 1 to 9999/);
    assert.throws(() => evaluate("timestamp(v).add(1.5, 'days')", { v }), /a whole number of units/);
    assert.throws(() => evaluate("timestamp('0001-01-01T00:00:00Z').startOf('day', 'Asia/Tokyo')"), /not in the years/);
  });

  it('by a unit or in a zone that does not exist is refused before anything runs, at its place', () => {
    for (const [source, reason] of [
      ["timestamp(v).add(1, 'fortnight')", /There is no unit "fortnight"\. Write one of second, .*quarter, year\.$/],
      ["timestamp(v).startOf('day', 'Berlin')", /There is no time zone "Berlin"/],
      ["timestamp(v).add(1, 'day', 'Mars/Olympus')", /There is no time zone "Mars\/Olympus"/],
      ["timestamp(v, 'Nowhere')", /There is no time zone "Nowhere"/],
      ["timestamp(v).plus(1, 'day')", /Did you mean "add\(…\)"/],
    ] as const)
      assert.throws(() => compileExpression(source, scope), reason);
    assert.throws(
      () => evaluate('timestamp(v).startOf(w)', { v: '2026-01-01T00:00:00Z', w: 'era' }),
      /a unit of time is not one of/,
    );
  });
});
