// Keeps compiled code in the application's own folder, so that the next start need not strip and compile everything again.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeStateFolder } from '../../server/state-file.ts';

/** To be called before the modules are imported that are worth it. Where nothing can be written, nothing is kept. */
export function startCompileCache(directory: string): void {
  // It would make the folder of an application that does not exist.
  if (!existsSync(directory)) return;
  try {
    enableCompileCache(join(makeStateFolder(directory), 'compile-cache'));
  } catch {
    // Somebody else's folder, or a disk that is read only.
  }
}
