// Reads a moment as people write it: a time, or how long ago it was.
import { parseDuration } from '../../core/units/duration.ts';

/** Milliseconds since 1970 of text such as `2026-11-24T08:00:00Z` or `2h`; undefined for others. */
export function parseMoment(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return Math.max(0, now - ago);
  // Date.parse takes more than it should, such as "1": a date has hyphens.
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return time >= 0 ? time : undefined;
}
