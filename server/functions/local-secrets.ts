// Secrets on a laptop: one JSON file each in the platform's own folder, for its owner's eyes only,
// never in the application's files.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';
import type { Besides } from '../../resources/catalog/file-catalog.ts';
import { makeStateFolder, STATE_FOLDER } from '../state-file.ts';

function secretsFolder(directory: string): string {
  return join(directory, STATE_FOLDER, 'secrets');
}

/** `DIR/.tenfold/secrets/<namespace>/<name>.json`: an object of texts. */
function secretFile(directory: string, namespace: string, name: string): string {
  return join(secretsFolder(directory), namespace, `${name}.json`);
}

/**
 * Lets a catalog follow the Secrets. Makes their folder, so that there is something to watch;
 * undefined where it cannot be made.
 */
export function secretsBesides(directory: string): Besides | undefined {
  const folder = secretsFolder(directory);
  try {
    if (existsSync(directory)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return undefined;
  }
  return {
    folder,
    stamp() {
      const hash = createHash('sha256');
      for (const file of filesOf(folder)) hash.update(`${file}\n${textOf(join(folder, file))}\n`);
      return hash.digest('hex');
    },
  };
}

/** Empty when somebody has removed the folder. */
function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}

/** Empty for a file that went away meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Replaces the whole Secret at once, so that readers never see a part. */
export function writeLocalSecret(
  directory: string,
  namespace: string,
  name: string,
  entries: Readonly<Record<string, string>>,
): void {
  const file = secretFile(directory, namespace, name);
  makeStateFolder(directory);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
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
