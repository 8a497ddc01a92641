// Reads where features of Stranglers stood when that was kept in a file of the platform's own
// folder, and not in the store.
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../state-file.ts';
import { readSwitches, type Switches } from './switches.ts';

export interface LocalSwitches {
  readonly switches: Switches;
  /** They are in the store now: the file is put aside, so that it is not taken again. */
  taken(): void;
}

/**
 * `DIR/.tenfold/strangler.json`; undefined when there is none, or it cannot be read: then the
 * resources alone say where features stand.
 */
export function readLocalSwitches(directory: string): LocalSwitches | undefined {
  const path = join(directory, STATE_FOLDER, 'strangler.json');
  try {
    const switches = readSwitches(JSON.parse(readFileSync(path, 'utf8')));
    return { switches, taken: () => renameSync(path, `${path}.taken`) };
  } catch {
    return undefined;
  }
}
