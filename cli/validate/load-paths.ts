// Loads the folders, files and standard input named on the command line as one set of resources.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decode } from '../../resources/load/decode.ts';
import { withoutDuplicates } from '../../resources/load/duplicates.ts';
import {
  type Loaded,
  loadDirectory,
  loadFiles,
  type ReadFile,
  sortProblems,
} from '../../resources/load/load-directory.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { createResourceSet } from '../../resources/resource-set.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

const STDIN = '-';
/** What problems in standard input say for a file. */
const STDIN_NAME = '<stdin>';

export async function loadPaths(paths: readonly string[], terminal: Pick<Terminal, 'cwd' | 'stdin'>): Promise<Loaded> {
  const parts = await Promise.all(
    paths.map(path => (path === STDIN ? loadInput(terminal) : loadPath(resolve(terminal.cwd, path)))),
  );
  const unique = withoutDuplicates(parts.flatMap(part => part.resources.all));
  return {
    resources: createResourceSet(unique.resources),
    problems: sortProblems([...parts.flatMap(part => part.problems), ...unique.problems]),
    texts: new Map(parts.flatMap(part => [...part.texts])),
  };
}

async function loadPath(path: string): Promise<Loaded> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new CommandError('file-unreadable', `There is no file or folder ${path}.`);
  if (found.isDirectory()) return loadDirectory(path);
  return loadNamed(path, await readFile(path));
}

async function loadInput({ stdin }: Pick<Terminal, 'stdin'>): Promise<Loaded> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return loadNamed(STDIN_NAME, Buffer.concat(chunks));
}

/** In a folder a file may be anything; one that is named is meant to hold resources. */
function loadNamed(file: string, bytes: Buffer): Loaded {
  const read: ReadFile = { file, ...decode(bytes) };
  const loaded = loadFiles([read]);
  if (loaded.resources.all.length + loaded.problems.length > 0) return loaded;
  return { ...loaded, problems: [nothingIn(file)] };
}

function nothingIn(file: string): ResourceProblem {
  const message =
    'There is no resource of Tenfold in here: no document has an apiVersion such as tenfold.dev/v1alpha1.';
  return { severity: 'warning', file, line: 1, column: 1, path: '', message };
}
