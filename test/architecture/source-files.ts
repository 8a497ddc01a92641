// The source files of the project as text, for tests about its shape.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** What is in the package that people install. */
export const SHIPPED_FOLDERS = [
  'sdk',
  'create',
  'core',
  'resources',
  'drivers',
  'gateway',
  'worker',
  'runtime',
  'k8s',
  'images',
  'admin',
  'server',
  'cli',
  'console',
];

/** All that have source files. */
export const FOLDERS = [...SHIPPED_FOLDERS, 'functions', 'test', 'bench', 'scripts'];

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'templates', '.data', '.tenfold', 'fixtures']);

/** Paths from the root of all TypeScript files below `folder`. */
export function sourceFiles(folder: string): string[] {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true }).flatMap(entry => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** Specifiers of all static and dynamic imports and re-exports in a file. */
export function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map(match => match[1] ?? match[2] ?? match[3] ?? '');
}
