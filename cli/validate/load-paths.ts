// Loads the folders, files and standard input named on the command line as one set of resources.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decode } from '../../resources/load/decode.ts';
import { withoutDuplicates } from '../../resources/load/duplicates.ts';
import { type Loaded, loadDirectory, loadFiles, type ReadFile } from '../../resources/load/load-directory.ts';
import { valueAt } from '../../resources/load/path.ts';
import { sortProblems } from '../../resources/load/sort-problems.ts';
import { type Listeners, publicAlone } from '../../resources/ownership/listeners.ts';
import { checkReferences } from '../../resources/references/checks.ts';
import type { AnyResource, Draft } from '../../resources/resource.ts';
import { createResourceSet } from '../../resources/resource-set.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

const STDIN = '-';
/** The file name in problems of standard input, whose paths begin at the working folder. */
const STDIN_NAME = '<stdin>';

/**
 * The input of validation: the resources, their problems and those between them, and their texts.
 */
export type Checked = Pick<Loaded, 'resources' | 'drafts' | 'problems' | 'texts'>;

export interface LoadOptions {
  /** The namespace of documents that name none. */
  readonly namespace?: string | undefined;
  /** Which namespaces' routes meet; without it those of all. */
  readonly listeners?: Listeners | undefined;
}

export async function loadPaths(
  paths: readonly string[],
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
  { namespace, listeners = publicAlone }: LoadOptions = {},
): Promise<Checked> {
  const parts = await Promise.all(
    paths.map(path => (path === STDIN ? loadInput(terminal) : loadPath(resolve(terminal.cwd, path)))),
  );
  const all = parts.flatMap(part => part.resources.all);
  const drafts = parts.flatMap(part => part.drafts).map(draft => inNamespace(draft, namespace));
  const unique = withoutDuplicates(
    all.map(resource => inNamespace(resource, namespace)),
    drafts,
  );
  const resources = createResourceSet(unique.resources);
  const broken = new Set(parts.flatMap(part => [...part.broken]));
  const within = parts.flatMap(part => part.problems);
  // Problems of one part were reported with it.
  const told = new Set(within.map(problem => JSON.stringify(problem)));
  const twice = unique.problems.filter(problem => !told.has(JSON.stringify(problem)));
  return {
    resources,
    drafts,
    problems: sortProblems([...within, ...twice, ...checkReferences(resources, { broken, drafts, listeners })]),
    texts: new Map(parts.flatMap(part => [...part.texts])),
  };
}

function inNamespace<R extends AnyResource | Draft>(resource: R, namespace: string | undefined): R {
  if (namespace === undefined || valueAt(resource.manifest, ['metadata', 'namespace']) !== undefined) return resource;
  return { ...resource, metadata: { ...resource.metadata, namespace } };
}

async function loadPath(path: string): Promise<Loaded> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new CommandError('file-unreadable', `There is no file or folder ${path}.`);
  return found.isDirectory() ? orNothing(path, await loadDirectory(path)) : loadNamed(path, await readFile(path));
}

async function loadInput({ cwd, stdin }: Pick<Terminal, 'cwd' | 'stdin'>): Promise<Loaded> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return loadNamed(resolve(cwd, STDIN_NAME), Buffer.concat(chunks));
}

function loadNamed(file: string, bytes: Buffer): Loaded {
  const read: ReadFile = { file, ...decode(bytes) };
  return orNothing(file, loadFiles([read]));
}

/** A named file is meant to hold resources. */
function orNothing(path: string, loaded: Loaded): Loaded {
  if (loaded.resources.all.length + loaded.problems.length > 0) return loaded;
  const message =
    'There is no resource of Tenfold in here: no document has an apiVersion such as tenfold.dev/v1alpha1.';
  return { ...loaded, problems: [{ severity: 'warning', file: path, line: 1, column: 1, path: '', message }] };
}
