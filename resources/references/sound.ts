// What is certain of a resource that has mistakes: checks say nothing about what may read otherwise once those are mended.
import { valueAt } from '../load/path.ts';
import type { MistakenPlace, Path } from '../resource.ts';
import type { Declared } from './check.ts';

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

/** Whether the names of all members of the object at `path` are certain. What they hold may be mistaken. */
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
