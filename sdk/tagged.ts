// Recognises values of our classes by a registered symbol, because a function may load its
// own copy of this package.

/**
 * Whether `value` carries `tag`; works across copies of the package, where
 * `instanceof` alone does not.
 */
export function isTagged(value: unknown, tag: symbol): boolean {
  return typeof value === 'object' && value !== null && tag in value;
}

/**
 * For `static [Symbol.hasInstance]`: by tag for the class itself, by prototype
 * for classes derived from it.
 */
export function hasInstance(owner: unknown, asked: unknown, value: unknown, tag: symbol): boolean {
  if (asked === owner) return isTagged(value, tag);
  return Function.prototype[Symbol.hasInstance].call(asked as () => void, value);
}
