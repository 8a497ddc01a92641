// Gives a folder in which the application runs: a copy, so that what it keeps goes with it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Prepared {
  /** To be run by the platform. */
  readonly directory: string;
  close(): Promise<void>;
}

export async function prepare(): Promise<Prepared> {
  const here = import.meta.dirname;
  mkdirSync(join(here, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(here, '.cache', 'run-'));
  const app = readFileSync(join(here, 'app.yaml'), 'utf8').replaceAll('source: ./', 'source: ../../');
  writeFileSync(join(directory, 'app.yaml'), app);
  return {
    directory,
    async close() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
