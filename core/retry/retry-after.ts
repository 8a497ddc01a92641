// Reads Retry-After (RFC 9110 §10.2.3): seconds, or a date. The one reader of all rooms.
import { parseHttpDate } from '../http/http-date.ts';

/** One answer makes nobody wait longer than this. */
const MOST_MS = 86_400_000;

/**
 * A target that asks all its callers for a longer pause is called again after this one, to see
 * whether it is back: one wrong answer must not stop it for hours.
 */
export const LONGEST_ASKED_MS = 60_000;

/** Milliseconds from `now`, the wall clock; undefined when it is absent or makes no sense. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = /^[0-9]{1,10}$/.test(text.trim()) ? now + Number(text) * 1000 : parseHttpDate(text);
  return at === undefined ? undefined : Math.min(Math.max(0, at - now), MOST_MS);
}

/** The same in whole seconds, so that whoever waits for them does not come too early. */
export function retryAfterSeconds(text: string | undefined, now: number): number | undefined {
  const ms = parseRetryAfter(text, now);
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}
