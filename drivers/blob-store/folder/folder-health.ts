// Whether the folder of contents can be written and read: remembers the newest failure of the disk,
// and tries a small file until that works again.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import type { Database, DatabaseHealth } from '../../sqlite/database.ts';
import { explain } from '../../sqlite/sqlite-error.ts';
import { PIECE, writeContent } from './content.ts';
import { INCOMING } from './file-names.ts';

export interface FolderHealth {
  /**
   * Turns an error of the system into one for callers, and remembers it. Any
   * other error stays what it is.
   */
  failed(error: unknown): unknown;
  health(): Promise<DatabaseHealth>;
}

/** Its name has a dot, so that nobody takes it for the content of an object. */
const PROBE = 'probe.tmp';

export function createFolderHealth(database: Pick<Database, 'health' | 'noteTrouble'>, folder: string): FolderHealth {
  const path = join(folder, INCOMING, PROBE);
  let trouble: string | undefined;
  const probe = async () => {
    try {
      await rm(path, { force: true });
      await writeContent(path, bytes(), { maxBytes: PIECE });
      trouble = undefined;
    } catch (error) {
      trouble = explain(error, folder);
    } finally {
      await rm(path, { force: true }).catch(() => {});
    }
  };
  return {
    failed(error) {
      const told = toDiskError(error, folder);
      if (told !== error && told instanceof TenfoldError) {
        trouble = told.message;
        database.noteTrouble(told.message);
      }
      return told;
    },
    async health() {
      const found = await database.health();
      if (!found.ok) return found;
      if (trouble !== undefined) await probe();
      return trouble === undefined ? { ok: true } : { ok: false, reason: trouble };
    },
  };
}

export function toDiskError(error: unknown, folder: string): unknown {
  if (error instanceof TenfoldError || !(error instanceof Error) || !('syscall' in error)) return error;
  return new TenfoldError('store-unavailable', explain(error, folder), { cause: error });
}

async function* bytes() {
  yield Buffer.alloc(PIECE);
}
