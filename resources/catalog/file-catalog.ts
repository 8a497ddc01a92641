// The catalog of a folder on disk: loads, validates and offers its resources, and
// follows every change of them.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { Loaded } from '../load/load-directory.ts';
import { readNamedFiles } from '../load/named-files.ts';
import { rememberTexts } from '../load/remember-texts.ts';
import { sortProblems } from '../load/sort-problems.ts';
import type { Listeners } from '../ownership/listeners.ts';
import type { ResourceProblem } from '../resource.ts';
import { validateDirectory } from '../validate.ts';
import type { Acceptor, Catalog, CatalogEvents, Snapshot } from './catalog.ts';
import { watchFolders } from './watch-folders.ts';

export interface FileCatalogOptions {
  readonly world: World;
  readonly directory: string;
  /** Whether to follow changes; without it the folder is read once. */
  readonly watch: boolean;
  /** Compiles a candidate aside; see `Acceptor`. Called only for resources without errors. */
  readonly accept: Acceptor;
  readonly events: CatalogEvents;
  /** Which namespaces' routes meet; without it those of all. */
  readonly listeners?: Listeners | undefined;
  /** Inputs of compiling besides the folder's own files. */
  readonly besides?: Besides | undefined;
}

export interface Besides {
  /** Has to be there. */
  readonly folder: string;
  /** The same text as long as nothing in it has changed. */
  stamp(): string;
}

/**
 * Resolves when the folder was read once, whether its resources were accepted or not. Rejects with
 * `not-found` when there is no such folder; one that disappears later is waited for, with the last
 * accepted snapshot in force.
 */
export async function createFileCatalog(options: FileCatalogOptions): Promise<Catalog> {
  const { world, directory, accept, events, besides, listeners } = options;
  const load = rememberTexts();
  let current: Snapshot | undefined;
  let problems: readonly ResourceProblem[] = [];
  let seen: string | undefined;
  let closed = false;

  const refuse = (found: readonly ResourceProblem[]) => {
    problems = found;
    events.refused(found);
  };

  const offer = (loaded: Loaded) => {
    const named = readNamedFiles(loaded.resources);
    const state = JSON.stringify([[...loaded.texts], [...named], besides?.stamp(), loaded.problems]);
    // Files are compared by content: touching a file, or writing the same content, is no change.
    if (state === seen) return;
    seen = state;
    if (hasErrors(loaded.problems)) return refuse(loaded.problems);
    const candidate = accept(loaded.resources);
    const all = sortProblems([...loaded.problems, ...candidate.problems]);
    if (hasErrors(all)) return refuse(all);
    candidate.commit();
    current = { generation: (current?.generation ?? 0) + 1, resources: loaded.resources, warnings: all };
    problems = all;
    events.accepted(current);
  };

  const look = async () => {
    try {
      const loaded = await validateDirectory(directory, load, listeners);
      if (!closed) offer(loaded);
    } catch (error) {
      if (closed) return;
      const found = [unreadable(directory, error)];
      const state = JSON.stringify(found);
      if (state !== seen) refuse(found);
      seen = state;
    }
  };

  const folders = besides ? [directory, besides.folder] : [directory];
  const watchers = options.watch ? folders.map(folder => watchFolders(folder, world, () => follow())) : [];
  const sync = () => Promise.all(watchers.map(watcher => watcher.sync()));
  const unwatch = () => {
    for (const watcher of watchers) watcher.close();
  };
  // One look at a time; whatever changes during one is looked at in the next.
  let looking = Promise.resolve();
  let queued = false;
  const follow = () => {
    if (queued) return;
    queued = true;
    looking = looking.then(async () => {
      queued = false;
      if (closed) return;
      await sync();
      await look();
    });
  };

  await sync();
  const first = await validateDirectory(directory, load, listeners).catch((error: unknown) => {
    unwatch();
    throw error;
  });
  offer(first);
  return {
    get current() {
      return current;
    },
    get problems() {
      return problems;
    },
    async close() {
      closed = true;
      unwatch();
      await looking;
    },
  };
}

function hasErrors(problems: readonly ResourceProblem[]): boolean {
  return problems.some(problem => problem.severity === 'error');
}

function unreadable(directory: string, error: unknown): ResourceProblem {
  const message =
    error instanceof TenfoldError ? error.message : `The resources could not be put to use: ${String(error)}`;
  return { severity: 'error', file: directory, line: 1, column: 1, path: '', message };
}
