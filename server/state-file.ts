// The file by which the command line finds a running platform: addresses and keys,
// for its owner's eyes only.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PlatformState {
  readonly pid: number;
  readonly version: string;
  readonly addresses: { readonly public: string; readonly internal: string; readonly admin: string };
  readonly adminToken: string;
  /** Key of the internal listener for the namespace `default`. */
  readonly internalKey: string;
  /** Keys of the internal listener by namespace. */
  readonly internalKeys: Readonly<Record<string, string>>;
}

/** Folder of the running platform's own files, inside the application's. */
export const STATE_FOLDER = '.tenfold';
const STATE_FILE = 'platform.json';

/** Only its owner can read it, and version control ignores it. Returns its path. */
export function makeStateFolder(directory: string): string {
  const folder = join(directory, STATE_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ignore = join(folder, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  return folder;
}

export function writeState(directory: string, state: PlatformState): void {
  const folder = makeStateFolder(directory);
  // Written beside and renamed, so that a reader never sees half of it.
  const temporary = join(folder, `${STATE_FILE}.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, join(folder, STATE_FILE));
}

/** Removes the file unless a newer platform has taken it over. */
export function removeState(directory: string): void {
  const file = join(directory, STATE_FOLDER, STATE_FILE);
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as { pid?: unknown };
    if (state.pid === process.pid) rmSync(file);
  } catch {
    // The file is missing, or not ours to judge.
  }
}
