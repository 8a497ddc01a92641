// The files of an application that is being edited: reads them for each
// round, and tells which changed.
import { stat } from 'node:fs/promises';
import type { World } from '../../core/world.ts';
import { createSourceWatcher, type SourceWatcher } from '../../drivers/function-host/local/source-watcher.ts';
import { type FolderWatch, watchFolders } from '../../resources/catalog/watch-folders.ts';
import { type Prepared, prepare } from '../apply/prepare.ts';
import type { Terminal } from '../terminal.ts';
import { createBundleCache } from './bundle-cache.ts';

export interface ApplicationFilesOptions {
  /** Absolute. */
  readonly directory: string;
  /** Resources that name no namespace get this one. */
  readonly namespace: string;
  readonly terminal: Pick<Terminal, 'cwd' | 'stdin'>;
  readonly world: World;
  /** Called without a file when resource files may have changed. */
  changed(file?: string): void;
}

export class ApplicationFiles {
  readonly #options: ApplicationFilesOptions;
  readonly #bundles = createBundleCache();
  readonly #folders: FolderWatch;
  readonly #sources: SourceWatcher;
  #watched: ReadonlySet<string> = new Set();

  constructor(options: ApplicationFilesOptions) {
    this.#options = options;
    this.#folders = watchFolders(options.directory, options.world, () => options.changed());
    this.#sources = createSourceWatcher(options.world, file => this.#sourceChanged(file));
  }

  async read(): Promise<Prepared> {
    const { directory, namespace, terminal, world } = this.#options;
    await this.#folders.sync();
    const startedAt = world.now();
    const prepared = await prepare([directory], namespace, terminal, fn => this.#bundles.bundle(fn));
    this.#sources.watch(prepared.sources);
    const fresh = [...prepared.sources].filter(file => !this.#watched.has(file));
    for (const late of await savedSince(startedAt, fresh)) this.#sourceChanged(late);
    this.#watched = prepared.sources;
    return prepared;
  }

  close(): void {
    this.#folders.close();
    this.#sources.close();
  }

  #sourceChanged(file: string): void {
    this.#bundles.changed(file);
    this.#options.changed(file);
  }
}

/**
 * Gives the files that were saved at `ms` or later: a bundle may have the content from before.
 */
async function savedSince(ms: number, files: readonly string[]): Promise<readonly string[]> {
  const times = await Promise.all(
    files.map(file =>
      stat(file)
        .then(({ mtimeMs }) => mtimeMs)
        .catch(() => ms),
    ),
  );
  return files.filter((_, index) => (times[index] ?? 0) >= ms);
}
