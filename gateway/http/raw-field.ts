// Finds a field among those of an answer as a transport hands them over.

/**
 * The value of the first field `name` (lower case) among fields as a transport hands them over:
 * texts or bytes, name and value in turn.
 */
export function rawField(raw: unknown, name: string): string | undefined {
  if (!Array.isArray(raw)) return undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const field = String(raw[index]);
    if (field.length === name.length && field.toLowerCase() === name) return String(raw[index + 1]);
  }
  return undefined;
}
