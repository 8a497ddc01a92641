// A folder for the files of one test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  /** Where a database may be put. */
  readonly file: string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'tenfold-sqlite-'));
  return { path, file: join(path, 'tenfold.db'), remove: () => rmSync(path, { recursive: true, force: true }) };
}
