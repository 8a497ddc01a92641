// Shows timestamps, their parts and durations, in a time zone or in UTC.
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { DURATION, type FunctionDefinition, failed, TIMESTAMP } from './definition.ts';
import { local, refusesZone } from './zones.ts';

const DAY_MS = 86_400_000;
const startOfYear = (shown: Date) => new Date(shown).setUTCMonth(0, 1);
const dayOfYear = (shown: Date) => Math.floor((shown.getTime() - startOfYear(shown)) / DAY_MS);

/** Year and week by ISO 8601: week 1 has the first Thursday. */
function isoWeek(shown: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(shown);
  thursday.setUTCDate(shown.getUTCDate() + 4 - (shown.getUTCDay() || 7));
  return { year: thursday.getUTCFullYear(), week: 1 + Math.floor(dayOfYear(thursday) / 7) };
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const padded = (value: number, length = 2) => String(value).padStart(length, '0');

function offsetOf(moment: Date, shown: Date): string {
  const minutes = Math.round((shown.getTime() - moment.getTime()) / 60_000);
  const [sign, absolute] = [minutes < 0 ? '-' : '+', Math.abs(minutes)];
  return `${sign}${padded(Math.floor(absolute / 60))}:${padded(absolute % 60)}`;
}

/** By the letter behind `%`, as in strftime. */
const DIRECTIVES: Readonly<Record<string, (shown: Date, moment: Date) => string>> = {
  Y: shown => padded(shown.getUTCFullYear(), 4),
  y: shown => padded(shown.getUTCFullYear() % 100),
  m: shown => padded(shown.getUTCMonth() + 1),
  d: shown => padded(shown.getUTCDate()),
  H: shown => padded(shown.getUTCHours()),
  I: shown => padded(shown.getUTCHours() % 12 || 12),
  p: shown => (shown.getUTCHours() < 12 ? 'AM' : 'PM'),
  M: shown => padded(shown.getUTCMinutes()),
  S: shown => padded(shown.getUTCSeconds()),
  L: shown => padded(shown.getUTCMilliseconds(), 3),
  j: shown => padded(dayOfYear(shown) + 1, 3),
  u: shown => String(shown.getUTCDay() || 7),
  G: shown => padded(isoWeek(shown).year, 4),
  V: shown => padded(isoWeek(shown).week),
  B: shown => MONTHS[shown.getUTCMonth()] ?? '',
  b: shown => (MONTHS[shown.getUTCMonth()] ?? '').slice(0, 3),
  A: shown => DAYS[shown.getUTCDay()] ?? '',
  a: shown => (DAYS[shown.getUTCDay()] ?? '').slice(0, 3),
  F: shown => `${padded(shown.getUTCFullYear(), 4)}-${padded(shown.getUTCMonth() + 1)}-${padded(shown.getUTCDate())}`,
  T: shown => [shown.getUTCHours(), shown.getUTCMinutes(), shown.getUTCSeconds()].map(part => padded(part)).join(':'),
  z: (shown, moment) => offsetOf(moment, shown),
  '%': () => '%',
};

const DIRECTIVE = /%(.?)/gs;

function formatTime(moment: Date, layout: string, zone = 'UTC'): string {
  const shown = local(moment, zone);
  return layout.replace(DIRECTIVE, (_, letter: string) => {
    const write = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
    if (!write) throw failed('invalid_layout');
    return write(shown, moment);
  });
}

function refusesLayout(layout: unknown): string | undefined {
  if (typeof layout !== 'string') return undefined;
  for (const [directive, letter = ''] of layout.matchAll(DIRECTIVE))
    if (!Object.hasOwn(DIRECTIVES, letter))
      return `A layout of a time has no "${directive}". It knows ${Object.keys(DIRECTIVES)
        .map(known => `%${known}`)
        .join(' ')}.`;
  return undefined;
}

/** RFC 3339, without a fraction that is zero. */
export function timestampText(moment: Date): string {
  return moment.toISOString().replace('.000Z', 'Z');
}

const GETTERS: readonly (readonly [name: string, says: string, get: (shown: Date) => number, example: number])[] = [
  ['getFullYear', 'gives the year', shown => shown.getUTCFullYear(), 2026],
  ['getMonth', 'gives the month, 0 for January', shown => shown.getUTCMonth(), 2],
  ['getDate', 'gives the day of the month, from 1', shown => shown.getUTCDate(), 29],
  ['getDayOfMonth', 'gives the day of the month, from 0', shown => shown.getUTCDate() - 1, 28],
  ['getDayOfWeek', 'gives the day of the week, 0 for Sunday', shown => shown.getUTCDay(), 0],
  ['getDayOfYear', 'gives the day of the year, from 0', dayOfYear, 87],
  ['getHours', 'gives the hour, 0 to 23', shown => shown.getUTCHours(), 2],
  ['getMinutes', 'gives the minute', shown => shown.getUTCMinutes(), 30],
  ['getSeconds', 'gives the second', shown => shown.getUTCSeconds(), 0],
  ['getMilliseconds', 'gives the millisecond', shown => shown.getUTCMilliseconds(), 0],
];

const EXAMPLE = "timestamp('2026-03-29T06:30:00Z')";

const getters = GETTERS.flatMap(([name, says, get, example]): FunctionDefinition[] => [
  {
    name,
    receiver: TIMESTAMP,
    params: [],
    returns: 'int',
    says: `${says}, in UTC`,
    examples: [],
    run: (moment: Date) => BigInt(get(moment)),
  },
  {
    name,
    receiver: TIMESTAMP,
    params: [['zone', 'string']],
    returns: 'int',
    says: `${says}, in a time zone`,
    examples: [[`${EXAMPLE}.${name}('America/New_York')`, example]],
    run: (moment: Date, zone: string) => BigInt(get(local(moment, zone))),
    refuses: ([, zone]) => refusesZone(zone),
  },
]);

const durations = (['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'] as const).map(
  (name): FunctionDefinition => ({
    name,
    receiver: DURATION,
    params: [],
    returns: 'int',
    says: `gives a duration in whole ${name.slice(3).toLowerCase()}`,
    examples: name === 'getMinutes' ? [["duration('1h30m').getMinutes()", 90]] : [],
    run: (duration: Duration) => duration[name](),
  }),
);

const FORMAT_SAYS =
  'writes a time by a layout of strftime: %Y %y %m %d %H %I %p %M %S %L (milliseconds) %j %u %G %V (year and week of ISO 8601) %B %b %A %a %F (%Y-%m-%d) %T (%H:%M:%S) %z %%';

export const timeFunctions: readonly FunctionDefinition[] = [
  {
    name: 'int',
    params: [['time', TIMESTAMP]],
    returns: 'int',
    says: 'gives the seconds of a time after 1970',
    examples: [["int(timestamp('1970-01-01T00:01:00Z'))", 60]],
    run: (moment: Date) => BigInt(Math.floor(moment.getTime() / 1000)),
  },
  {
    name: 'string',
    params: [['time', TIMESTAMP]],
    returns: 'string',
    says: 'writes a time in RFC 3339, in UTC',
    examples: [["string(timestamp('2026-01-31T09:30:00+01:00'))", '2026-01-31T08:30:00Z']],
    run: timestampText,
  },
  {
    name: 'string',
    params: [['duration', DURATION]],
    returns: 'string',
    says: 'writes a duration in seconds',
    examples: [["string(duration('1m30s'))", '90s']],
    run: (duration: Duration) => duration.toString(),
  },
  {
    name: 'format',
    receiver: TIMESTAMP,
    params: [['layout', 'string']],
    returns: 'string',
    says: `${FORMAT_SAYS}. It is shown in UTC`,
    examples: [[`${EXAMPLE}.format('%F %H:%M')`, '2026-03-29 06:30']],
    also: { name: 'format', examples: [[`format(${EXAMPLE}, '%F %H:%M')`, '2026-03-29 06:30']] },
    run: formatTime,
    refuses: ([, layout]) => refusesLayout(layout),
  },
  {
    name: 'format',
    receiver: TIMESTAMP,
    params: [
      ['layout', 'string'],
      ['zone', 'string'],
    ],
    returns: 'string',
    says: 'writes a time as a clock in that time zone shows it',
    examples: [
      [`${EXAMPLE}.format('%Y-%m-%d %H:%M %z', 'America/New_York')`, '2026-03-29 02:30 -04:00'],
      [`${EXAMPLE}.format('%G-W%V', 'Europe/Berlin')`, '2026-W13'],
    ],
    also: { name: 'format', examples: [[`format(${EXAMPLE}, '%F', 'Asia/Tokyo')`, '2026-03-29']] },
    run: formatTime,
    refuses: ([, layout, zone]) => refusesLayout(layout) ?? refusesZone(zone),
  },
  ...getters,
  ...durations,
];
