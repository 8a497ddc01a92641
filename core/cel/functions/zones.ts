// Clocks of time zones: what they show at a moment, and the moment at which they show a time. The
// library's own functions read local texts in the zone of the process, which gives wrong hours
// wherever a server does not run in UTC.
import { failed } from './definition.ts';

const DAY_MS = 86_400_000;
const ZONES_KEPT = 100;
const MAX_ZONE_LENGTH = 64;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** A moment whose UTC fields are what a clock in the zone shows, in the zone of no server. */
export function local(moment: Date, zone: string): Date {
  if (zone === 'UTC' || zone === 'Z') return moment;
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(moment)) parts[type] = value;
  const field = (name: string) => Number(parts[name]);
  const shown = new Date(0);
  const year = parts['era'] === 'BC' ? 1 - field('year') : field('year');
  shown.setUTCFullYear(year, field('month') - 1, field('day'));
  shown.setUTCHours(field('hour'), field('minute'), field('second'), moment.getUTCMilliseconds());
  return shown;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  if (zone.length > MAX_ZONE_LENGTH) throw failed('invalid_time_zone');
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw failed('invalid_time_zone');
  }
  // Data may name zones: only so many are kept.
  if (formatters.size >= ZONES_KEPT) formatters.clear();
  formatters.set(zone, made);
  return made;
}

export function refusesZone(zone: unknown): string | undefined {
  if (typeof zone !== 'string') return undefined;
  try {
    local(new Date(0), zone);
    return undefined;
  } catch {
    return `There is no time zone "${zone.slice(0, MAX_ZONE_LENGTH)}". Write a name such as "Europe/Berlin", or an offset such as "+02:00".`;
  }
}

const offsetAt = (ms: number, zone: string) => local(new Date(ms), zone).getTime() - ms;

/**
 * The moment at which a clock in the zone shows `shown`. A time that comes twice is its first. A
 * time that a clock jumps over is as much later as it jumps, as in RFC 5545 and Temporal.
 */
export function momentAt(shown: number, zone: string): number {
  const { early, late } = around(shown, zone);
  return late + offsetAt(late, zone) === shown && early + offsetAt(early, zone) !== shown ? late : early;
}

/** The same, but of a time that a clock jumps over the moment at which it jumps. */
export function firstMomentFrom(shown: number, zone: string): number {
  const found = momentAt(shown, zone);
  if (found + offsetAt(found, zone) === shown) return found;
  let [before, after] = [around(shown, zone).late, found];
  const then = offsetAt(after, zone);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle, zone) === then) after = middle;
    else before = middle;
  }
  return after;
}

/** By the offsets of a day before and after: no zone changes its clocks twice in two days. */
function around(shown: number, zone: string): { readonly early: number; readonly late: number } {
  return { early: shown - offsetAt(shown - DAY_MS, zone), late: shown - offsetAt(shown + DAY_MS, zone) };
}
