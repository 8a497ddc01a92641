// A folder without some of what is in it, as a list of paths: permissions can only be
// given, not taken away again.
import { join, relative, sep } from 'node:path';

/**
 * Paths that together cover all of `path` but `kept`. One that ends with `*` stands for all paths
 * that begin so: it covers many names of a folder, also later ones. `list` names the entries of a
 * folder. Names with a star of their own are left out.
 */
export function pathsWithout(path: string, kept: readonly string[], list: (folder: string) => string[]): string[] {
  if (path.includes('*') || kept.some(one => isWithin(path, one))) return [];
  const inside = kept.filter(one => isWithin(one, path));
  if (inside.length === 0) return [path];
  const names = [...new Set(inside.map(one => relative(path, one).split(sep)[0] ?? ''))];
  const found = list(path).flatMap(name => {
    if (name.includes('*')) return [];
    const beginning = beginningOf(name, names);
    return beginning === undefined ? pathsWithout(join(path, name), kept, list) : [join(path, `${beginning}*`)];
  });
  return [...new Set(found)];
}

/**
 * The shortest beginning of a name that none of the others has; undefined where one of them
 * begins with the whole name.
 */
function beginningOf(name: string, others: readonly string[]): string | undefined {
  const letters = [...name];
  for (let length = 1; length <= letters.length; length++) {
    const beginning = letters.slice(0, length).join('');
    if (!others.some(other => fold(other).startsWith(fold(beginning)))) return beginning;
  }
  return undefined;
}

/**
 * Some file systems take names for one that differ in the case of letters, or
 * in how accents are written.
 */
function fold(name: string): string {
  return name.normalize('NFD').toLowerCase();
}

/**
 * Without those that another one covers already. Each may end with `*`, as those of `pathsWithout`.
 */
export function outermost(paths: readonly string[]): string[] {
  return paths.filter((path, at) =>
    paths.every((other, index) => {
      if (index === at || !covers(other, path)) return true;
      // The first of two that cover each other stays.
      return covers(path, other) && at < index;
    }),
  );
}

/** Whether `one`, which may end with `*`, is `other` or holds it. */
export function covers(one: string, other: string): boolean {
  return one.endsWith('*') ? other.startsWith(one.slice(0, -1)) : isWithin(other, one);
}

/** Whether `path` is `folder` or lies in it. Both absolute and without `..`. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
