// Finds files of this package, whether it runs from its sources or bundled under dist/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = findRoot(import.meta.dirname);

/** Absolute path of a file of the package, given its path from the package's root. */
export function packageFile(path: string): string {
  return join(root, path);
}

/**
 * Whether threads and processes start from sources too: where this runs from its sources, but for a
 * whole test run, which has built them just before. Each loads all for itself, and starts much
 * sooner from one file than from a hundred.
 */
export const startsFromSource = import.meta.filename.endsWith('.ts') && process.env['BUILT'] !== 'yes';

/** Absolute path of what a thread or a process starts with. */
export function entryFile(source: string, built: string): string {
  return packageFile(startsFromSource ? source : built);
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('tenfold is not installed whole: its package.json is missing');
  return findRoot(parent);
}
