// Keys of objects that may go after some time: the hour of their end comes first, so that a sweep
// finds them in that order.
import { parseTimestamp, toTimestamp } from './world.ts';

export const EXPIRING_PREFIX = 'expiring/';
const HOUR_MS = 3_600_000;
const HOUR = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}$/;

/** `hour` of the end, rounded up, e.g. `2026-01-31T12`. */
export function hourOf(ms: number): string {
  return toTimestamp(Math.ceil(ms / HOUR_MS) * HOUR_MS).slice(0, 13);
}

export function expiringKey(hour: string, path: string): string {
  return `${EXPIRING_PREFIX}${hour}/${path}`;
}

/** When the object may go, milliseconds since 1970; undefined for a key that is none of these. */
export function expiryOf(key: string): number | undefined {
  if (!key.startsWith(EXPIRING_PREFIX)) return undefined;
  const hour = key.slice(EXPIRING_PREFIX.length, EXPIRING_PREFIX.length + 13);
  return HOUR.test(hour) ? parseTimestamp(`${hour}:00:00Z`) : undefined;
}
