// Removes expired parts of an archive: files beyond their retention, records of finished ranges,
// and remains of unfinished ones.
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import { type BlobStore, MAX_BLOB_PAGE } from '../../drivers/blob-store/blob-store.ts';
import type { Store } from '../../drivers/store/store.ts';
import { ARCHIVE_CONSUMER, type ArchiveLayout, archiveScopeOf, rangePrefixOf } from './layout.ts';
import { forgetFile, isNoted, oldFiles } from './manifest.ts';
import { readRange } from './range.ts';

export interface TidyArchiveOptions {
  readonly world: World;
  readonly store: Pick<Store, 'apply' | 'position' | 'row' | 'scan'>;
  readonly blobs: BlobStore;
  readonly layout: ArchiveLayout;
  readonly partition: number;
  /**
   * Retention in milliseconds since they were written, by the blob store's clock; undefined: for
   * ever.
   */
  readonly retention: number | undefined;
  readonly signal: AbortSignal;
}

const EVERY_MS = 600_000;
const LIMIT = 500;
/** Far longer than any owner is late, and than any store forgets. */
const RANGES_KEPT_MS = 86_400_000;

/** Goes on until the signal; never rejects. */
export async function keepArchiveTidy(options: TidyArchiveOptions & { trouble(error: unknown): void }): Promise<void> {
  const { world, signal, trouble } = options;
  const tidy = async () => {
    await tidyArchive(options).catch(error => signal.aborted || trouble(error));
  };
  await every(EVERY_MS, tidy, { world, signal });
}

export async function tidyArchive(options: TidyArchiveOptions): Promise<void> {
  if (options.retention !== undefined) await removeOldFiles(options, (await options.blobs.now()) - options.retention);
  await removeOldRanges(options);
}

/** The object goes first, as a file that is still noted is found again. */
async function removeOldFiles({ store, blobs, layout, partition, signal }: TidyArchiveOptions, beforeMs: number) {
  const scope = archiveScopeOf(layout, partition);
  for (;;) {
    const files = await oldFiles(store, scope, beforeMs, LIMIT);
    for (const { key } of files) {
      signal.throwIfAborted();
      await blobs.delete(key);
    }
    signal.throwIfAborted();
    if (files.length > 0) await store.apply(scope, files.map(forgetFile));
    if (files.length < LIMIT) return;
  }
}

/**
 * After a change of the definition, files may be left of a range that the former definition had
 * begun.
 */
async function removeOldRanges({ store, blobs, layout, partition, signal }: TidyArchiveOptions) {
  const before = (await blobs.now()) - RANGES_KEPT_MS;
  const scope = archiveScopeOf(layout, partition);
  const prefix = rangePrefixOf(layout, partition);
  const position = await store.position(scope, ARCHIVE_CONSUMER, partition);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await blobs.list(prefix, { limit: MAX_BLOB_PAGE, after });
    for (const { key, modified } of page.blobs) {
      if (modified >= before) continue;
      const range = await readRange(blobs, key);
      // The range has still to be finished.
      if (range === undefined || range.from >= (position ?? 0)) continue;
      for (const file of range.files) {
        signal.throwIfAborted();
        if (!(await isNoted(store, scope, { ...file, from: range.from }))) await blobs.delete(file.key);
      }
      signal.throwIfAborted();
      await blobs.delete(key);
    }
    after = page.next;
  }
}
