// Finds files of this package, whether it runs from its sources or bundled under dist/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = findRoot(import.meta.dirname);

/** Absolute path of a file of the package, given its path from the package's root. */
export function packageFile(path: string): string {
  return join(root, path);
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('tenfold is not installed whole: its package.json is missing');
  return findRoot(parent);
}
