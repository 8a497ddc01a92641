// Writes the generated files, or with --check says which of them are out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputs } from './outputs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [option] = process.argv.slice(2);

if (option !== undefined && option !== '--check') {
  process.stderr.write(`Unknown option ${option}. Usage: main.ts [--check]\n`);
  process.exitCode = 2;
} else {
  const stale = [...outputs()].filter(([path, content]) => current(path) !== content);
  if (option === '--check') check(stale.map(([path]) => path));
  else for (const [path, content] of stale) write(path, content);
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  process.stdout.write(`wrote ${path}\n`);
}

function check(paths: readonly string[]): void {
  for (const path of paths) process.stderr.write(`${path} is out of date. Run make generate.\n`);
  if (paths.length > 0) process.exitCode = 1;
}
