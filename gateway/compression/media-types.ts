// Which media types are compressed: `text/*`, `application/*+json`, or a type as it is.

/**
 * A function over the value of Content-Type. Event streams never match: each
 * event must go out at once.
 */
export function createTypeMatcher(patterns: readonly string[]): (contentType: string) => boolean {
  const tests = patterns.map(pattern => toTest(pattern.toLowerCase()));
  // Services send a handful of types; the same text is judged once.
  const known = new Map<string, boolean>();
  return contentType => {
    const judged = known.get(contentType);
    if (judged !== undefined) return judged;
    const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
    const matches = type !== '' && type !== 'text/event-stream' && tests.some(test => test(type));
    if (known.size < 100) known.set(contentType, matches);
    return matches;
  };
}

function toTest(pattern: string): (type: string) => boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return type => type === pattern;
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  return type => type.length >= before.length + after.length && type.startsWith(before) && type.endsWith(after);
}
