// Writes generated files, or with --check says which of them are out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `outputs`: content by path from the root of the repository. */
export function writeOutputs(outputs: ReadonlyMap<string, string>, [option]: readonly string[]): void {
  if (option !== undefined && option !== '--check') {
    process.stderr.write(`Unknown option ${option}. Usage: [--check]\n`);
    process.exitCode = 2;
    return;
  }
  for (const [path, content] of outputs) {
    if (current(path) === content) continue;
    if (option === '--check') {
      process.stderr.write(`${path} is out of date. Run make generate.\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
