// An application beside this checkout, as if `npm install` had been there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect } from '../run-cli.ts';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** With this repository as the command line, and its SDK. */
export function installCheckout(folder: string): void {
  mkdirSync(join(folder, 'node_modules', '@tenfold'), { recursive: true });
  symlinkSync(repository, join(folder, 'node_modules', '@tenfold', 'cli'));
  symlinkSync(join(repository, 'sdk'), join(folder, 'node_modules', 'tenfold'));
  symlinkSync(join(repository, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
}

/** Runs Node.js with the sources of this repository as the package. */
export async function runNode(words: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const env = { ...process.env, NODE_OPTIONS: '--conditions=tenfold-source' };
  const child = spawn(process.execPath, words, { cwd, env });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const [code] = await once(child, 'close');
  return { code, output: stdout() + stderr() };
}

/** What the compiler says of the application, and nothing of the sources behind the link. */
export async function typeErrors(folder: string): Promise<string[]> {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { output } = await runNode([tsc, '--customConditions', 'tenfold-source'], folder);
  return output.split('\n').filter(line => /^(functions|legacy|test|tenfold-env)\b.*error/.test(line));
}
