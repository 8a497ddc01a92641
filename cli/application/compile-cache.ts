// Keeps compiled code in the application's own folder, so that the next start need not strip and
// compile everything again.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeStateFolder } from '../../server/state-file.ts';

/**
 * Must be called before the imports that are worth caching. It caches nothing where it cannot
 * write.
 */
export function startCompileCache(directory: string): void {
  // It would make the folder of an application that does not exist.
  if (!existsSync(directory)) return;
  try {
    enableCompileCache(join(makeStateFolder(directory), 'compile-cache'));
  } catch {
    // The folder belongs to another user, or the disk is read only.
  }
}
