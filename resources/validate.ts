// Loads and checks every resource below a folder: what `tenfold validate` and the
// catalog of files are made of.
import { type Loaded, loadDirectory } from './load/load-directory.ts';
import type { LoadText } from './load/load-text.ts';
import { sortProblems } from './load/sort-problems.ts';
import type { Listeners } from './ownership/listeners.ts';
import { checkReferences } from './references/checks.ts';
import type { ResourceProblem } from './resource.ts';

/**
 * Everything that is wrong at once: within resources and between them. Rejects with `not-found`
 * when `directory` cannot be read.
 */
export async function validateDirectory(directory: string, load?: LoadText, listeners?: Listeners): Promise<Loaded> {
  const loaded = await loadDirectory(directory, load);
  const between = checkReferences(loaded.resources, { ...loaded, ...(listeners && { listeners }) });
  const problems = sortProblems([...loaded.problems, ...between]);
  const nothing = loaded.resources.all.length === 0 && problems.length === 0;
  return { ...loaded, problems: nothing ? [noResources(directory)] : problems };
}

function noResources(directory: string): ResourceProblem {
  const message =
    'There are no resources here: no .yaml, .yml or .json file has a document with apiVersion tenfold.dev/v1alpha1.';
  return { severity: 'warning', file: directory, line: 1, column: 1, path: '', message };
}
