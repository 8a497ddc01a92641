// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.

/** Milliseconds to wait; undefined when the field is not there or makes no sense. `now`: wall clock, milliseconds. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  // Date.parse reads much more than HTTP dates; all of those end with GMT.
  const at = value.endsWith(' GMT') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The value of the first field `name` (lower case) among fields as a transport hands them over: texts or bytes, name and value in turn. */
export function rawField(raw: unknown, name: string): string | undefined {
  if (!Array.isArray(raw)) return undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const field = String(raw[index]);
    if (field.length === name.length && field.toLowerCase() === name) return String(raw[index + 1]);
  }
  return undefined;
}
