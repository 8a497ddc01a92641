// How much work a schema may cause per value: its subschemas, with references followed. Few lines
// can describe 2^30 of them.

/** Keywords that hold data, not schemas. */
export const DATA_KEYWORDS = new Set([
  'const',
  'enum',
  'default',
  'examples',
  'required',
  'dependentRequired',
  '$vocabulary',
]);

/**
 * The number of subschemas that one validation may run in place, or infinity
 * when it is beyond `limit`.
 */
export function expandedSize(root: unknown, limit: number): number {
  const known = new Map<object, number>();
  const size = (schema: unknown): number => {
    if (typeof schema !== 'object' || schema === null) return 0;
    const before = known.get(schema);
    if (before !== undefined) return before;
    // A reference back to here consumes data each time round, so that data bounds it.
    known.set(schema, 1);
    let sum = 1;
    for (const [keyword, value] of Object.entries(schema)) {
      if (DATA_KEYWORDS.has(keyword) || keyword === '$defs' || keyword === 'definitions') continue;
      sum += keyword === '$ref' && typeof value === 'string' ? size(resolveReference(root, value)) : size(value);
      if (sum > limit) return Number.POSITIVE_INFINITY;
    }
    known.set(schema, sum);
    return sum;
  };
  return size(root);
}

/**
 * The value that a reference inside the document points at; undefined for one that names an anchor
 * or leads out of it.
 */
export function resolveReference(root: unknown, reference: string): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decode(part);
    if (key === undefined || typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}
