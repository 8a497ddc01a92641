// Keeps a second process (or a second opening in this one) off the database: a file beside it that SQLite holds locked, as the kernel lets go of it with the process.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../core/errors.ts';
import { BUSY, resultCode } from './sqlite-error.ts';

export interface FileLock {
  /** A second call does nothing. */
  release(): void;
}

/** Throws `storage-unusable` that names the holder's process. */
export function lockFile(file: string): FileLock {
  const owner = `${file}.owner`;
  // The locked file itself must not be opened by other means: closing it anywhere in a process drops the locks of the whole process (POSIX).
  const db = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (resultCode(error) === BUSY) throw alreadyOpen(file, owner);
    throw error;
  }
  tryWrite(owner);
  return {
    release() {
      // The file of the owner may be another one's by now.
      if (!db.isOpen) return;
      rmSync(owner, { force: true });
      db.close();
    },
  };
}

function alreadyOpen(file: string, owner: string): TenfoldError {
  const pid = tryRead(owner);
  const who = pid === String(process.pid) ? 'this process already' : `process ${pid ?? '(unknown)'}`;
  return new TenfoldError(
    'storage-unusable',
    `${file} is in use by ${who}. Only one process may have it open: stop that one first, or give this one a data folder of its own.`,
  );
}

/** Only for the message above, so that it may fail on a full disk. */
function tryWrite(owner: string): void {
  try {
    writeFileSync(owner, String(process.pid));
  } catch {}
}

function tryRead(owner: string): string | undefined {
  try {
    return readFileSync(owner, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
