// The inputs that a target begins with: small files, one an input; among them each for which
// something once did not hold.
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './fuzz.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const FOLDER = join(import.meta.dirname, 'corpus');

export function readCorpus({ name }: FuzzTarget): Buffer[] {
  const folder = join(FOLDER, name);
  return readdirSync(folder)
    .toSorted()
    .map(file => readFileSync(join(folder, file)));
}

/** Where it was put: every run of the tests tries it from now on. */
export function keepFinding({ name }: FuzzTarget, { input }: Finding): string {
  const folder = join(FOLDER, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `found-${hash('sha1', input).slice(0, 12)}`);
  writeFileSync(file, input);
  return file;
}

export function describeFinding({ input, error }: Finding): string {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${JSON.stringify(input.toString('latin1'))}\n(base64 ${input.toString('base64')})\n${why}`;
}
