// Turns claims of a token into header fields for the target.

/**
 * Name and value in turn. A claim that the token has not, or that no header can carry, gives none.
 */
export function forwardClaims(
  claims: Readonly<Record<string, unknown>>,
  forward: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(forward).flatMap(([header, claim]) => {
    const value = Object.hasOwn(claims, claim) ? toText(claims[claim]) : undefined;
    return value === undefined ? [] : [header, value];
  });
}

/** Lists are joined with commas, objects are JSON; characters beyond ASCII travel as UTF-8. */
function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text =
    Array.isArray(value) && value.every(isPlain)
      ? value.join(',')
      : isPlain(value)
        ? String(value)
        : JSON.stringify(value);
  // RFC 9110 §5.5: control characters have no place in a field; a shortened
  // identity would be another one.
  if (/[\u0000-\u001f\u007f]/.test(text) || text !== text.trim()) return undefined;
  return Buffer.from(text, 'utf8').toString('latin1');
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
