// Whether a document says something itself, rather than a default.
import type { AnyResource, Path } from './resource.ts';

export function isWritten({ manifest }: Pick<AnyResource, 'manifest'>, path: Path): boolean {
  let value: unknown = manifest;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = Reflect.get(value, step);
  }
  return value !== undefined;
}
