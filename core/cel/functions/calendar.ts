// Reads timestamps, and moves them by the calendar and the clock of a time zone.
import { EvaluationError } from '@marcbachmann/cel-js';
import { parseTimestamp } from '../../world.ts';
import { type FunctionDefinition, failed, TIMESTAMP } from './definition.ts';
import { firstMomentFrom, local, momentAt, refusesZone } from './zones.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

function within(ms: number): Date {
  if (ms >= FIRST_MS && ms <= LAST_MS) return new Date(ms);
  throw failed('beyond_calendar');
}

function readTimestamp(text: string): Date {
  const ms = parseTimestamp(text);
  if (ms !== undefined && ms >= FIRST_MS && ms <= LAST_MS) return new Date(ms);
  throw new EvaluationError({ code: 'invalid_timestamp', message: 'timestamp() needs text in RFC 3339' });
}

/** A time as RFC 3339 has it, but without an offset; or the day alone. */
const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?)?$/;

function readLocal(text: string, zone: string): Date {
  const [, day, minutes, seconds = ':00'] = LOCAL_TIME.exec(text) ?? [];
  const shown = day === undefined ? undefined : parseTimestamp(`${day}T${minutes ?? '00:00'}${seconds}Z`);
  if (shown === undefined) throw failed('invalid_local_time');
  return within(minutes === undefined ? firstMomentFrom(shown, zone) : momentAt(shown, zone));
}

/** The reason for a literal with which `read` fails. */
function refusesText(text: unknown, read: (text: string) => Date, reason: string): string | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    read(text);
    return undefined;
  } catch {
    return reason;
  }
}

const FIXED_MS: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000 };
const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7 };
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const UNITS = [FIXED_MS, DAYS, MONTHS].flatMap(Object.keys);

/** The unit, also of its plural. */
function unitOf(text: string): string {
  const unit = text.endsWith('s') ? text.slice(0, -1) : text;
  if (!UNITS.includes(unit)) throw failed('invalid_unit');
  return unit;
}

function refusesUnit(unit: unknown): string | undefined {
  if (typeof unit !== 'string' || UNITS.includes(unit.replace(/s$/, ''))) return undefined;
  return `There is no unit "${unit.slice(0, 20)}". Write one of ${UNITS.join(', ')}.`;
}

function startOf(moment: Date, text: string, zone = 'UTC'): Date {
  const unit = unitOf(text);
  const shown = local(moment, zone);
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return within(startOfFixed(moment, shown, fixed, zone));
  const start = new Date(shown);
  start.setUTCHours(0, 0, 0, 0);
  const months = MONTHS[unit];
  if (months !== undefined) start.setUTCMonth(shown.getUTCMonth() - (shown.getUTCMonth() % months), 1);
  if (unit === 'week') start.setUTCDate(shown.getUTCDate() - ((shown.getUTCDay() + 6) % 7));
  return within(firstMomentFrom(start.getTime(), zone));
}

/** In an hour that comes twice, the start of the one in which the moment is. */
function startOfFixed(moment: Date, shown: Date, unitMs: number, zone: string): number {
  const start = Math.floor(shown.getTime() / unitMs) * unitMs;
  const near = moment.getTime() - (shown.getTime() - start);
  return local(new Date(near), zone).getTime() === start ? near : firstMomentFrom(start, zone);
}

function add(moment: Date, amount: bigint | number, text: string, zone = 'UTC'): Date {
  const unit = unitOf(text);
  const count = Number(amount);
  if (!Number.isInteger(count)) throw failed('invalid_amount');
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return within(moment.getTime() + count * fixed);
  if (count === 0) return moment;
  const shown = local(moment, zone);
  const days = DAYS[unit];
  const moved =
    days === undefined ? addMonths(shown, count * (MONTHS[unit] ?? 0)) : shown.getTime() + count * days * DAY_MS;
  return within(momentAt(within(moved).getTime(), zone));
}

/** A day that the month does not have is its last. */
function addMonths(shown: Date, months: number): number {
  const moved = new Date(shown);
  moved.setUTCMonth(shown.getUTCMonth() + months, 1);
  const last = new Date(moved);
  last.setUTCMonth(moved.getUTCMonth() + 1, 0);
  return moved.setUTCDate(Math.min(shown.getUTCDate(), last.getUTCDate()));
}

const ZONE = ['zone', 'string'] as const;
const UNIT = ['unit', 'string'] as const;
const UNIT_SAYS = '`second`, `minute`, `hour`, `day`, `week` (from Monday), `month`, `quarter` or `year`';
const WEEKEND = "timestamp('2026-03-28T12:00:00Z')";
const MARCH_29 = "timestamp('2026-03-29T12:00:00Z')";

const moving: readonly FunctionDefinition[] = [
  {
    name: 'startOf',
    receiver: TIMESTAMP,
    params: [UNIT],
    returns: TIMESTAMP,
    says: `gives the beginning of its ${UNIT_SAYS}, in UTC`,
    examples: [[`${MARCH_29}.startOf('week')`, '2026-03-23T00:00:00.000Z']],
    run: startOf,
    refuses: ([, unit]) => refusesUnit(unit),
  },
  {
    name: 'startOf',
    receiver: TIMESTAMP,
    params: [UNIT, ZONE],
    returns: TIMESTAMP,
    says: 'does so as a clock in that time zone shows it',
    examples: [[`${MARCH_29}.startOf('day', 'Europe/Berlin')`, '2026-03-28T23:00:00.000Z']],
    run: startOf,
    refuses: ([, unit, zone]) => refusesUnit(unit) ?? refusesZone(zone),
    zoneLookups: 2,
  },
  ...['int', 'double'].flatMap((type): FunctionDefinition[] => {
    const isInt = type === 'int';
    return [
      {
        name: 'add',
        receiver: TIMESTAMP,
        params: [['amount', type], UNIT],
        returns: TIMESTAMP,
        says: 'moves a time by so many units, back where the amount is negative, in UTC. A day that a month does not have is its last',
        examples: isInt ? [["timestamp('2026-01-31T09:00:00Z').add(1, 'month')", '2026-02-28T09:00:00.000Z']] : [],
        run: add,
        refuses: ([, , unit]) => refusesUnit(unit),
      },
      {
        name: 'add',
        receiver: TIMESTAMP,
        params: [['amount', type], UNIT, ZONE],
        returns: TIMESTAMP,
        says: 'does so by the calendar of that time zone: a day later is the same time of the day, also where the clock changes. Hours, minutes and seconds are exact',
        examples: isInt
          ? [
              [`${WEEKEND}.add(1, 'day', 'Europe/Berlin')`, '2026-03-29T11:00:00.000Z'],
              [`${WEEKEND}.add(24, 'hours', 'Europe/Berlin')`, '2026-03-29T12:00:00.000Z'],
            ]
          : [],
        run: add,
        refuses: ([, , unit, zone]) => refusesUnit(unit) ?? refusesZone(zone),
        zoneLookups: 2,
      },
    ];
  }),
];

export const calendarFunctions: readonly FunctionDefinition[] = [
  {
    name: 'timestamp',
    params: [['text', 'string']],
    returns: TIMESTAMP,
    says: 'reads a time in RFC 3339. A day that is in no calendar is refused',
    examples: [["timestamp('2026-01-31T09:30:00+01:00')", '2026-01-31T08:30:00.000Z']],
    run: readTimestamp,
    refuses: ([text]) =>
      refusesText(text, readTimestamp, 'It is no time. Write it in RFC 3339, such as "2026-01-31T09:30:00Z".'),
  },
  {
    name: 'timestamp',
    params: [['text', 'string'], ZONE],
    returns: TIMESTAMP,
    says: 'reads a time without an offset, or a day, as a clock in that time zone shows it. A time that comes twice is its first. A time that the clock jumps over is as much later as it jumps',
    examples: [
      ["timestamp('2026-07-01T09:30:00', 'Europe/Berlin')", '2026-07-01T07:30:00.000Z'],
      ["timestamp('2026-03-29T02:30', 'Europe/Berlin').format('%H:%M', 'Europe/Berlin')", '03:30'],
      ["timestamp('2026-07-01', 'Asia/Tokyo')", '2026-06-30T15:00:00.000Z'],
    ],
    run: readLocal,
    refuses: ([text, zone]) =>
      refusesZone(zone) ??
      refusesText(
        text,
        one => readLocal(one, 'UTC'),
        'It is no time without an offset. Write "2026-01-31", "2026-01-31T09:30" or "2026-01-31T09:30:00".',
      ),
  },
  {
    name: 'timestamp',
    params: [['seconds', 'int']],
    returns: TIMESTAMP,
    says: 'gives the time so many seconds after 1970',
    examples: [['timestamp(1800000000)', '2027-01-15T08:00:00.000Z']],
    run: (seconds: bigint) => within(Number(seconds) * 1000),
  },
  ...moving,
];
