// What a request asks for that matters to a cache: read in one pass over its fields, as bits, since every cached request pays for it.

export const AUTHORIZATION = 1;
export const COOKIE = 2;
/** If-None-Match or If-Modified-Since. */
export const CONDITIONAL = 4;
/** Wants something that no kept answer can give. */
export const SPECIAL = 8;

/** `fields`: name (lower case) and value in turn. */
export function demandOf(fields: readonly string[]): number {
  let bits = 0;
  for (let index = 0; index < fields.length; index += 2) {
    switch (fields[index]) {
      case 'authorization':
        bits |= AUTHORIZATION;
        break;
      case 'cookie':
        bits |= COOKIE;
        break;
      case 'if-none-match':
      case 'if-modified-since':
        bits |= CONDITIONAL;
        break;
      case 'range':
      case 'if-range':
      case 'if-match':
      case 'if-unmodified-since':
      // With these a service may take the request for another one: the answer would poison the cache.
      case 'x-http-method-override':
      case 'x-http-method':
      case 'x-method-override':
        bits |= SPECIAL;
        break;
    }
  }
  return bits;
}

/** Without what makes the answer depend on what the client has: the cache wants the whole answer. */
export function withoutConditions(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name !== 'if-none-match' && name !== 'if-modified-since') kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}
