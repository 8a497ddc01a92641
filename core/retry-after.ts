// Reads Retry-After (RFC 9110 §10.2.3): seconds, or a date.
import { parseHttpDate } from './world.ts';

/** One answer makes nobody wait longer than this. */
const MOST_MS = 86_400_000;

/** Milliseconds from `now`; undefined when it is absent or says nothing. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = /^[0-9]{1,10}$/.test(text.trim()) ? now + Number(text) * 1000 : parseHttpDate(text);
  return at === undefined ? undefined : Math.min(Math.max(0, at - now), MOST_MS);
}
