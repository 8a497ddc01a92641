// Shows a path relative to a folder when it lies inside, whole otherwise.
import { isAbsolute, relative, resolve } from 'node:path';

export function shortPath(path: string, from: string): string {
  const short = relative(from, resolve(from, path));
  if (short === '') return '.';
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}
