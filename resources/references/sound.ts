// The certain parts of a resource with mistakes: checks say nothing about parts that may read
// otherwise once the mistakes are mended.
import type * as z from 'zod';
import { valueAt } from '../load/path.ts';
import type { MistakenPlace, Path } from '../resource.ts';
import type { Declared } from './declared.ts';

/** Whether nothing is wrong with the value at `path`, nor with anything in it. */
export function isSound(resource: Declared, path: Path): boolean {
  return !mistakesOf(resource).some(mistake => begins(mistake.path, path));
}

/** The value at `path`; undefined where there is none, or none that is sound. */
export function soundAt(resource: Declared, path: Path): unknown {
  return isSound(resource, path) ? valueAt(resource.manifest, path) : undefined;
}

/** Whether nothing is at `path`, and nothing that was written can have been meant for it. */
export function isAbsent(resource: Declared, path: Path): boolean {
  if (valueAt(resource.manifest, path) !== undefined) return false;
  // A mistyped name stands beside the right one, at any step of the path.
  return !mistakesOf(resource).some(mistake =>
    begins(path, mistake.at === 'key' ? mistake.path.slice(0, -1) : mistake.path),
  );
}

/** Whether the name of the member at `path` is certain. Its value may be mistaken. */
export function hasSoundName(resource: Declared, path: Path): boolean {
  return !mistakesOf(resource).some(
    mistake => mistake.at === 'key' && mistake.path.length === path.length && begins(mistake.path, path),
  );
}

/**
 * The value at `path`, made by `schema`, which gives an absent value its default; undefined where
 * the value is not certain.
 */
export function certainAt<S extends z.ZodType>(
  resource: Declared,
  path: Path,
  schema: S,
): { readonly value: z.output<S> } | undefined {
  if (!isSound(resource, path)) return undefined;
  const written = valueAt(resource.manifest, path);
  if (written === undefined && !isAbsent(resource, path)) return undefined;
  const parsed = schema.safeParse(written);
  return parsed.success ? { value: parsed.data } : undefined;
}

/**
 * Whether the names of all members of the object at `path` are certain. Their values may be
 * mistaken.
 */
export function hasSoundNames(resource: Declared, path: Path): boolean {
  const inside = path.length + 1;
  return !mistakesOf(resource).some(
    mistake =>
      begins(path, mistake.path) ||
      (mistake.at === 'key' && mistake.path.length === inside && begins(mistake.path, path)),
  );
}

function mistakesOf(resource: Declared): readonly MistakenPlace[] {
  return 'mistakes' in resource ? resource.mistakes : [];
}

function begins(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
