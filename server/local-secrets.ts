// Secrets on a laptop: one JSON file each in the platform's own folder, for its owner's eyes only, never in the application's files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretReader } from '../gateway/plan/plan-context.ts';
import { STATE_FOLDER } from './state-file.ts';

/** `DIR/.tenfold/secrets/<namespace>/<name>.json`: an object of texts. */
export function secretFile(directory: string, namespace: string, name: string): string {
  return join(directory, STATE_FOLDER, 'secrets', namespace, `${name}.json`);
}

export function createLocalSecrets(directory: string): SecretReader {
  return (namespace, name) => {
    try {
      const entries: unknown = JSON.parse(readFileSync(secretFile(directory, namespace, name), 'utf8'));
      return isTexts(entries) ? entries : undefined;
    } catch {
      return undefined;
    }
  };
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every(entry => typeof entry === 'string');
}
