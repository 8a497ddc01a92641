// Writes tenfold-env.d.ts, or says whether it is up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';
import { loadDirectory } from '../../resources/load/load-directory.ts';
import { CommandError } from '../command-error.ts';
import { countProblems } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { toDeclarations } from './declarations.ts';
import { TYPES_FILE, typesFile } from './types-file.ts';

export async function writeTypes(directory: string, check: boolean, terminal: Terminal): Promise<void> {
  const { resources, problems } = await loadDirectory(directory);
  const errors = problems.filter(found => found.severity === 'error');
  if (errors.length > 0) {
    throw new TenfoldError('invalid-resource', `The resources have ${countProblems(errors)}, so no types can be made.`);
  }
  const file = join(directory, TYPES_FILE);
  const shown = shortPath(file, terminal.cwd);
  const wanted = typesFile(toDeclarations(resources, directory));
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === wanted) {
    terminal.say(`${shown} is up to date.`);
  } else if (check) {
    throw new CommandError('out-of-date', `${shown} ${found === undefined ? 'does not exist' : 'is out of date'}.`);
  } else {
    await writeFile(file, wanted);
    terminal.say(`${terminal.err.green('Written')}: ${shown}`);
  }
}
