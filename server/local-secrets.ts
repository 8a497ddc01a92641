// Secrets on a laptop: one JSON file each in the platform's own folder, for its owner's eyes only, never in the application's files.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecretReader } from '../gateway/plan/plan-context.ts';
import { STATE_FOLDER } from './state-file.ts';

/** `DIR/.tenfold/secrets/<namespace>/<name>.json`: an object of texts. */
export function secretFile(directory: string, namespace: string, name: string): string {
  return join(directory, STATE_FOLDER, 'secrets', namespace, `${name}.json`);
}

/** Replaces the whole Secret, at once for whoever reads it. */
export function writeLocalSecret(
  directory: string,
  namespace: string,
  name: string,
  entries: Readonly<Record<string, string>>,
): void {
  const file = secretFile(directory, namespace, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // The application may be under version control: nothing of this folder belongs there.
  writeFileSync(join(directory, STATE_FOLDER, '.gitignore'), '*\n');
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

export function createLocalSecrets(directory: string): SecretReader {
  const read = new Map<string, { readonly stamp: string; readonly entries: Readonly<Record<string, string>> }>();
  return (namespace, name) => {
    const file = secretFile(directory, namespace, name);
    try {
      const { ino, size, mtimeNs } = statSync(file, { bigint: true });
      const stamp = `${ino} ${size} ${mtimeNs}`;
      const before = read.get(file);
      if (before?.stamp === stamp) return before.entries;
      const entries: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (!isTexts(entries)) return undefined;
      read.set(file, { stamp, entries });
      return entries;
    } catch {
      return undefined;
    }
  };
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every(entry => typeof entry === 'string');
}
