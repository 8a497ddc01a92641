// Reads a member of what a target answered.

/** Own members only: no name in a query may reach what objects inherit. */
export function memberOf(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return undefined;
  return Object.getOwnPropertyDescriptor(parent, name)?.value;
}
