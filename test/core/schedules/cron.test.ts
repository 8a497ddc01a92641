// Due times of cron patterns: both changes to and from daylight saving time, zones of half hours,
// and what is refused.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compileCron, cronFault, isTimeZone } from '../../../core/schedules/cron.ts';

/** The runs that follow `after`, as minutes in UTC. */
function runs(cron: string, timeZone: string, after: string, count: number): string[] {
  const times = compileCron(cron, timeZone);
  const found: string[] = [];
  let time = times.next(Date.parse(`${after}:00Z`));
  while (time !== undefined && found.length < count) {
    found.push(new Date(time).toISOString().slice(0, 16));
    time = times.next(time);
  }
  return found;
}

const rows: readonly (readonly [name: string, cron: string, zone: string, after: string, runs: readonly string[]])[] = [
  [
    'Berlin in spring: a time in the gap is due right after it, once',
    '30 2 * * *',
    'Europe/Berlin',
    '2027-03-27T12:00',
    ['2027-03-28T01:00', '2027-03-29T00:30'],
  ],
  [
    'Berlin in spring: a list of times in the gap, too',
    '30 2,14 * * *',
    'Europe/Berlin',
    '2027-03-27T14:00',
    ['2027-03-28T01:00', '2027-03-28T12:30'],
  ],
  [
    'Berlin in autumn: a time that comes twice is due once',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00',
    ['2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'Berlin in autumn: an interval goes on through both hours',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:31',
    ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-25T02:00'],
  ],
  [
    'Berlin in spring: an interval loses nothing in real time',
    '*/30 * * * *',
    'Europe/Berlin',
    '2027-03-28T00:01',
    ['2027-03-28T00:30', '2027-03-28T01:00', '2027-03-28T01:30'],
  ],
  [
    'New York in spring: a time in the gap is due right after it, once',
    '30 2 * * *',
    'America/New_York',
    '2027-03-13T12:00',
    ['2027-03-14T07:00', '2027-03-15T06:30'],
  ],
  [
    'New York in autumn: a time that comes twice is due once',
    '30 1 * * *',
    'America/New_York',
    '2026-10-31T12:00',
    ['2026-11-01T05:30', '2026-11-02T06:30'],
  ],
  [
    'Lord Howe in spring: the gap has half an hour',
    '0 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-02T16:00',
    ['2026-10-03T15:30', '2026-10-04T15:00'],
  ],
  [
    'Lord Howe in autumn: half an hour comes twice',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2027-04-02T16:00',
    ['2027-04-03T14:45', '2027-04-04T15:15'],
  ],
  ['Kolkata: half an hour beside others', '0 9 * * *', 'Asia/Kolkata', '2026-12-01T00:00', ['2026-12-01T03:30']],
  ['Kathmandu: three quarters of an hour', '0 9 * * *', 'Asia/Kathmandu', '2026-12-01T00:00', ['2026-12-01T03:15']],
  ['a word for a pattern', '@weekly', 'UTC', '2026-12-01T00:00', ['2026-12-06T00:00', '2026-12-13T00:00']],
  ['the last day of a month', '0 0 L * *', 'UTC', '2027-02-01T00:00', ['2027-02-28T00:00', '2027-03-31T00:00']],
  [
    'a day that only leap years have',
    '0 0 29 2 *',
    'UTC',
    '2026-12-01T00:00',
    ['2028-02-29T00:00', '2032-02-29T00:00'],
  ],
];

describe('cron patterns', () => {
  for (const [name, cron, zone, after, expected] of rows)
    it(name, () => assert.deepEqual(runs(cron, zone, after, expected.length), expected));

  it('gives the same times backwards as forwards, also over changes of the clock', () => {
    const crons = ['30 2 * * *', '*/20 * * * *', '15 1-3 * * *', '0 0 1 * *', '45 1,2 * * 0'];
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'];
    const changes = ['2026-10-25T01:00Z', '2027-03-28T01:00Z', '2026-11-01T06:00Z', '2027-04-03T15:00Z'];
    const hour = 3_600_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.integer({ min: -200, max: 200 }),
        (cron, zone, change, minutes) => {
          const times = compileCron(cron, zone);
          const before = Date.parse(change) + minutes * 60_000;
          const backwards = times.latest(4, before);
          const forwards: number[] = [];
          let time = times.next((backwards[0] ?? before) - 1);
          for (; time !== undefined && time < before; time = times.next(time)) forwards.push(time);
          assert.deepEqual(forwards, backwards);
          for (const [index, each] of forwards.entries()) assert.ok(index === 0 || each > (forwards[index - 1] ?? 0));
          assert.ok(before - (forwards.at(-1) ?? before) < 40 * 24 * hour);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same time after a moment, whatever it was asked before', () => {
    const crons = ['30 2 * * *', '*/20 * * * *', '15 1-3 * * *', '0 0 29 2 *'];
    const start = Date.parse('2026-10-24T12:00Z');
    const moments = fc.array(fc.integer({ min: 0, max: 3 * 1_440 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom('Europe/Berlin', 'UTC'),
        moments,
        fc.constantFrom(-1, 0, 1),
        (cron, zone, minutes, beside) => {
          const asked = compileCron(cron, zone);
          for (const minute of minutes) {
            const after = start + minute * 60_000 + beside;
            assert.equal(asked.next(after), compileCron(cron, zone).next(after));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says what is wrong with a pattern', () => {
    assert.equal(cronFault('0 0 29 2 *'), undefined);
    assert.match(cronFault('61 * * * *') ?? '', /^This is not a cron pattern: .*minute/);
    assert.match(cronFault('0 0 30 2 *') ?? '', /^No time matches/);
    assert.match(cronFault('0 0 * XYZ *') ?? '', /^This is not a cron pattern/);
  });

  it('knows time zones', () => {
    assert.ok(isTimeZone('Europe/Berlin'));
    assert.ok(isTimeZone('UTC'));
    assert.equal(isTimeZone('Europe/Berlyn'), false);
  });
});
