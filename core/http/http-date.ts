// Reads dates as HTTP writes them.

/**
 * Milliseconds since 1970 of a date as HTTP writes it (RFC 9110 §5.6.7);
 * undefined for anything else.
 */
export function parseHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2,8}, [0-9A-Za-z :-]+ GMT$/.test(text.trim())) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
