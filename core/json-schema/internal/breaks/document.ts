// Two things keep references of a schema from being followed: a part with an address of its own,
// and one that leads back to itself without going deeper into the data.
import { resolveReference } from '../expansion.ts';

const IN_PLACE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'];

/** Whether a part has an `$id` of its own, against which its references count. */
export function hasId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ('$id' in value && typeof value.$id === 'string') || Object.values(value).some(hasId);
}

/** A schema that comes back to itself in place matches nothing: the work has no end. */
export function hasLoop(root: object): boolean {
  const done = new Set<object>();
  const open = new Set<object>();
  const comesBack = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || done.has(value)) return false;
    if (open.has(value)) return true;
    open.add(value);
    const found = nextOf(root, value).some(comesBack);
    open.delete(value);
    done.add(value);
    return found;
  };
  const all: object[] = [root];
  for (const one of all)
    for (const inner of Object.values(one)) if (typeof inner === 'object' && inner) all.push(inner);
  return all.some(comesBack);
}

/** The schemas that the same data is held against. */
function nextOf(root: object, schema: object): unknown[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === '$ref' && typeof value === 'string') return [resolveReference(root, value)];
    if (!IN_PLACE.includes(keyword) || typeof value !== 'object' || value === null) return [];
    return keyword.startsWith('depend') || Array.isArray(value) ? Object.values(value) : [value];
  });
}
