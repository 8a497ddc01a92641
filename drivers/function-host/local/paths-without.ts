// A folder without some of what is in it, as a list of paths: permissions can only be given, not taken away again.
import { join, relative, sep } from 'node:path';

/** Paths that together are all of `path` but what lies in `kept`. `list` names what a folder holds. */
export function pathsWithout(path: string, kept: readonly string[], list: (folder: string) => string[]): string[] {
  if (kept.some(one => isWithin(path, one))) return [];
  if (!kept.some(one => isWithin(one, path))) return [path];
  return list(path).flatMap(name => pathsWithout(join(path, name), kept, list));
}

/** Whether `path` is `folder` or lies in it. Both absolute and without `..`. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
