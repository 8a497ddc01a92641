// Writes an object: its content to a file first, then what it is to the
// database, which puts it in force.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { abortable } from '../abortable.ts';
import type { BlobStore, PutBlob, PutBlobOutcome } from '../blob-store.ts';
import type { ChangeNotifier } from '../change-notifier.ts';
import { type Content, PIECE, writeContent } from './content.ts';
import { infoOf } from './entry-info.ts';
import type { Files } from './files.ts';
import { type FolderHealth, toDiskError } from './folder-health.ts';
import { recover } from './recover.ts';
import type { Removals } from './removals.ts';
import type { FolderRequests } from './requests.ts';
import type { Entry } from './wire.ts';

export interface ContentWriterOptions {
  readonly folder: string;
  readonly world: World;
  readonly requests: FolderRequests;
  readonly files: Files;
  readonly notifier: ChangeNotifier;
  readonly disk: FolderHealth;
  readonly removals: Removals;
}

const PART_OF_STAMP = 16;

export class ContentWriter {
  readonly #with: ContentWriterOptions;
  /**
   * Files of which it is not known whether they are in force; looked at again
   * when the database can tell.
   */
  readonly #uncertain = new Set<string>();

  constructor(options: ContentWriterOptions) {
    this.#with = options;
  }

  async put(key: string, body: Parameters<BlobStore['put']>[1], options: PutBlob): Promise<PutBlobOutcome> {
    const { folder, world, files, disk } = this.#with;
    const { signal } = options;
    signal?.throwIfAborted();
    const stamp = world.id().replaceAll('-', '').slice(-PART_OF_STAMP);
    let asked = false;
    let broken: unknown;
    try {
      const chunks =
        body instanceof Uint8Array ? pieces(body) : watched(abortable(body, signal), error => (broken = error));
      const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
      const content = await writeContent(files.incoming(stamp), chunks, { maxBytes, signal });
      await files.syncIncoming();
      signal?.throwIfAborted();
      asked = true;
      return await this.#commit(this.#entryOf(key, stamp, content, options), options.when);
    } catch (error) {
      if (asked && isUnknown(error)) this.#uncertain.add(stamp);
      else await files.remove(key, stamp).catch(() => {});
      throw error === broken ? error : disk.failed(toDiskError(error, folder));
    }
  }

  /** Settles the files of which nothing was known, as the database can tell now. */
  decideUncertain(): void {
    const stamps = [...this.#uncertain];
    this.#uncertain.clear();
    void recover(this.#with.files, this.#with.requests, stamps).catch(() => {
      for (const stamp of stamps) this.#uncertain.add(stamp); // the next opening finds them, at the latest
    });
  }

  #entryOf(key: string, stamp: string, content: Content, options: PutBlob): Entry {
    const { contentType = 'application/octet-stream', metadata = {} } = options;
    const modified = this.#with.world.now();
    return { key, stamp, ...content, modified, contentType, metadata: JSON.stringify(metadata) };
  }

  async #commit(entry: Entry, when: PutBlob['when']): Promise<PutBlobOutcome> {
    const { requests, files, notifier, removals } = this.#with;
    const { key, stamp } = entry;
    const outcome = await requests.commit(entry, when);
    if (!outcome.written) {
      await files.remove(key, stamp);
      return { written: false, blob: outcome.there && infoOf(outcome.there) };
    }
    notifier.notify();
    await files.settle(key, stamp);
    if (outcome.replaced !== undefined) void removals.discard(key, outcome.replaced);
    return { written: true, blob: infoOf(entry) };
  }
}

/** Whether the database may yet have done what it was asked for. */
function isUnknown(error: unknown): boolean {
  return !(error instanceof TenfoldError) || error.code === 'store-unavailable';
}

/** Tells of an error of the source, which may look like one of the disk. */
async function* watched(source: AsyncIterable<Uint8Array>, failed: (error: unknown) => void) {
  try {
    yield* source;
  } catch (error) {
    failed(error);
    throw error;
  }
}

async function* pieces(body: Uint8Array) {
  for (let at = 0; at < body.byteLength; at += PIECE) yield body.subarray(at, at + PIECE);
}
