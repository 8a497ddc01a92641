// Compares the claims of a token with those that a resource demands.

export type RequiredClaims = Readonly<Record<string, string | readonly string[]>>;

/** The name of the first claim that is not as demanded. */
export function findMissingClaim(
  claims: Readonly<Record<string, unknown>>,
  required: RequiredClaims,
): string | undefined {
  return Object.keys(required).find(name => {
    const wanted = [required[name] ?? []].flat();
    const held = Object.hasOwn(claims, name) ? valuesOf(name, claims[name]) : [];
    return !held.some(value => wanted.includes(value));
  });
}

/** A list holds each of its members; `scope` is a list of words in one text (RFC 8693 §4.2). */
function valuesOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(each => valuesOf('', each));
  if (typeof value === 'string') return name === 'scope' ? value.split(' ') : [value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
