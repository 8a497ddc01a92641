// Reads every resource below a folder: all of them, and all that is wrong with any.
import { open } from 'node:fs/promises';
import { TenfoldError } from '../../core/errors.ts';
import type { AnyResource, Draft, ResourceProblem } from '../resource.ts';
import { createResourceSet, type ResourceSet } from '../resource-set.ts';
import { decode, MAX_FILE_BYTES } from './decode.ts';
import { withoutDuplicates } from './duplicates.ts';
import { findFiles } from './find-files.ts';
import { type LoadText, loadText } from './load-text.ts';
import { sortProblems } from './sort-problems.ts';

export interface Loaded {
  readonly resources: ResourceSet;
  /** Sorted by place. References between resources are not checked yet. */
  readonly problems: readonly ResourceProblem[];
  /** Keys of resources that are declared but not valid. */
  readonly broken: ReadonlySet<string>;
  /** The invalid documents that further checks can read. */
  readonly drafts: readonly Draft[];
  /** Texts of the files with resources or problems, for code frames. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Rejects with `not-found` when `directory` cannot be read. `load` is how the text of
 * a file becomes resources.
 */
export async function loadDirectory(directory: string, load: LoadText = loadText): Promise<Loaded> {
  const files = await findFiles(directory).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === 'ENOENT'
        ? 'there is no such folder'
        : cause.code === 'ENOTDIR'
          ? 'it is not a folder'
          : cause.message;
    throw new TenfoldError('not-found', `Resources cannot be read from ${directory}: ${reason}.`, { cause });
  });
  return loadFiles(await readAll(files), load);
}

/** Files that are open at the same time: a process may have a thousand, and has others. */
const OPEN_AT_ONCE = 32;

/** In the order of `files`. */
async function readAll(files: readonly string[]): Promise<ReadFile[]> {
  const read: ReadFile[] = [];
  const left = files.entries();
  const readOn = async () => {
    for (const [index, file] of left) read[index] = await readResourceFile(file);
  };
  await Promise.all(Array.from({ length: OPEN_AT_ONCE }, readOn));
  return read;
}

export type ReadFile =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly message: string };

/** Files of which nothing is known to be ours are left alone when they are too large or no text. */
async function readResourceFile(file: string): Promise<ReadFile> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, MAX_FILE_BYTES + 1));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const read = bytes.subarray(0, bytesRead);
      const decoded = decode(read);
      if ('text' in decoded) return { file, text: decoded.text };
      return read.toString('latin1').replaceAll('\0', '').includes('tenfold.dev/')
        ? { file, ...decoded }
        : { file, text: '' };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return code === 'ENOENT' ? { file, text: '' } : { file, message: `The file cannot be read (${code}).` };
  }
}

export function loadFiles(files: readonly ReadFile[], load: LoadText = loadText): Loaded {
  const resources: AnyResource[] = [];
  const problems: ResourceProblem[] = [];
  const texts = new Map<string, string>();
  const broken = new Set<string>();
  const drafts: Draft[] = [];
  for (const read of files) {
    if ('message' in read) {
      problems.push({ severity: 'error', file: read.file, line: 1, column: 1, path: '', message: read.message });
      continue;
    }
    const loaded = load(read.file, read.text);
    if (loaded.resources.length + loaded.problems.length > 0) texts.set(read.file, read.text);
    resources.push(...loaded.resources);
    problems.push(...loaded.problems);
    drafts.push(...loaded.drafts);
    for (const key of loaded.broken) broken.add(key);
  }
  const unique = withoutDuplicates(resources, drafts);
  return {
    resources: createResourceSet(unique.resources),
    problems: sortProblems([...problems, ...unique.problems]),
    broken,
    drafts,
    texts,
  };
}
