// Finds the files below a folder that may hold resources.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const EXTENSION = /\.(ya?ml|json)$/i;

/**
 * Paths beginning with `directory`, sorted. Folders named `node_modules` or beginning with a
 * dot are left out, and so are links to folders. Links to files are followed: Kubernetes
 * mounts files in that way.
 */
export async function findFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async entry => {
      const path = join(directory, entry.name);
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return isSearched(entry.name) ? findFiles(path).catch(gone) : [];
      if (!isResourceFile(entry.name)) return [];
      if (entry.isSymbolicLink()) return (await stat(path).catch(() => undefined))?.isFile() ? [path] : [];
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** Whether a folder of this name is looked into. */
export function isSearched(name: string): boolean {
  return name !== 'node_modules' && !name.startsWith('.');
}

export function isResourceFile(name: string): boolean {
  return EXTENSION.test(name);
}

/** A folder that was removed while it was being searched holds nothing. */
function gone(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
