// BlobStore over a folder: contents are files, what they are is in the database, and only what stands there is in force.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { Database } from '../../sqlite/database.ts';
import { type FileLock, lockFile } from '../../sqlite/file-lock.ts';
import { explain } from '../../sqlite/sqlite-error.ts';
import { createStoreClock } from '../../store/clock.ts';
import { abortable } from '../abortable.ts';
import { assertBlobKey, assertBlobOptions, assertBlobPage } from '../assert-blob.ts';
import type { BlobInfo, BlobStore } from '../blob-store.ts';
import { createChangeNotifier } from '../change-notifier.ts';
import { extentOf } from '../range.ts';
import { PIECE, readContent, writeContent } from './content.ts';
import { INCOMING } from './file-names.ts';
import { createFiles, syncFolder } from './files.ts';
import { createFolderHealth, toDiskError } from './folder-health.ts';
import { recover } from './recover.ts';
import { createRequests } from './requests.ts';
import type { Entry } from './wire.ts';

export interface FolderBlobStoreOptions {
  /** Absolute path; made when missing. */
  readonly folder: string;
  readonly database: Database;
  readonly world: World;
  /** How long changes are kept, milliseconds. Default 7 days. */
  readonly keepChangesMs?: number;
}

const WEEK_MS = 7 * 86_400_000;
const PART_OF_STAMP = 16;

export interface FolderBlobStore extends BlobStore {
  /** From now on until the answer is called no content is removed, though its object may be deleted or written anew. */
  holdRemovals(): () => void;
}

export async function openFolderBlobStore(options: FolderBlobStoreOptions): Promise<FolderBlobStore> {
  const { folder, database, world, keepChangesMs = WEEK_MS } = options;
  const requests = createRequests(database.client('blob', 'store-unavailable'), world, keepChangesMs);
  const files = createFiles(folder);
  const notifier = createChangeNotifier(world);
  const clock = createStoreClock(world, 0);
  const lock = await openFolder(folder);
  try {
    await recover(files, requests);
  } catch (error) {
    lock.release();
    throw toDiskError(error, folder);
  }
  const disk = createFolderHealth(database, folder);
  /** Files of which it is not known whether they are in force; looked at again when the database can tell. */
  const uncertain = new Set<string>();
  let closed = false;
  database.onRecovered(() => {
    const stamps = [...uncertain];
    uncertain.clear();
    void recover(files, requests, stamps).catch(() => {
      for (const stamp of stamps) uncertain.add(stamp); // the next opening finds them, at the latest
    });
  });
  let holds = 0;
  const held: (readonly [key: string, stamp: string])[] = [];
  const discard = async (key: string, stamp: string) => {
    if (holds > 0) {
      held.push([key, stamp]);
      return;
    }
    try {
      await files.remove(key, stamp);
      await requests.cleaned([stamp]);
    } catch {} // The database remembers it as garbage; the next opening removes it.
  };

  return {
    now: async () => clock.now(),
    async put(key, body, options = {}) {
      assertBlobKey(key);
      assertBlobOptions(options);
      const { when, signal, contentType = 'application/octet-stream', metadata = {} } = options;
      signal?.throwIfAborted();
      const stamp = world.id().replaceAll('-', '').slice(-PART_OF_STAMP);
      const path = files.incoming(stamp);
      let asked = false;
      let broken: unknown;
      try {
        const chunks =
          body instanceof Uint8Array ? pieces(body) : watched(abortable(body, signal), error => (broken = error));
        const content = await writeContent(path, chunks, {
          maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
          signal,
        });
        await files.syncIncoming();
        signal?.throwIfAborted();
        const entry = {
          key,
          stamp,
          ...content,
          modified: world.now(),
          contentType,
          metadata: JSON.stringify(metadata),
        };
        asked = true;
        const outcome = await requests.commit(entry, when);
        if (!outcome.written) {
          await files.remove(key, stamp);
          return { written: false, blob: outcome.there && toInfo(outcome.there) };
        }
        notifier.notify();
        await files.settle(key, stamp);
        if (outcome.replaced !== undefined) void discard(key, outcome.replaced);
        return { written: true, blob: toInfo(entry) };
      } catch (error) {
        if (asked && isUnknown(error)) uncertain.add(stamp);
        else await files.remove(key, stamp).catch(() => {});
        throw error === broken ? error : disk.failed(toDiskError(error, folder));
      }
    },
    async head(key) {
      assertBlobKey(key);
      const entry = await requests.get(key);
      return entry && toInfo(entry);
    },
    async get(key, range) {
      assertBlobKey(key);
      // Between reading the entry and opening its file it may have been replaced, and the file removed.
      for (let turn = 0; turn < 10; turn++) {
        const entry = await requests.get(key);
        if (!entry) return undefined;
        const file = await files.open(key, entry.stamp).catch(error => {
          throw disk.failed(toDiskError(error, folder));
        });
        if (!file) continue;
        const extent = extentOf(range, entry.size);
        return {
          info: toInfo(entry),
          ...extent,
          body: readContent(file, entry.checks, entry.size, extent, key, disk.failed),
        };
      }
      throw new TenfoldError(
        'data-corrupt',
        `The file of the object '${key}' is missing in ${folder}. Write the object anew.`,
      );
    },
    async delete(key) {
      assertBlobKey(key);
      const stamp = await requests.delete(key);
      if (stamp === undefined) return false;
      notifier.notify();
      await discard(key, stamp);
      return true;
    },
    async list(prefix, { limit, after = '' }) {
      assertBlobPage(limit);
      return await requests.list(prefix, after, limit);
    },
    latestChange: async () => String(await requests.latest()),
    async changes(after, { limit, waitMs = 0, signal }) {
      assertBlobPage(limit);
      const from = after === undefined ? undefined : Number(after);
      if (from !== undefined && !Number.isSafeInteger(from))
        throw new TenfoldError('invalid-input', 'The cursor is not one of a change.');
      signal?.throwIfAborted();
      const changed = notifier.next();
      const found = await requests.changes(from, limit);
      if (found.changes.length > 0 || waitMs <= 0) return found;
      await changed.within(waitMs, signal);
      return await requests.changes(Number(found.next), limit);
    },
    health: disk.health,
    holdRemovals() {
      holds++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holds--;
        if (holds === 0) for (const [key, stamp] of held.splice(0)) void discard(key, stamp);
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      notifier.close();
      lock.release();
    },
  };
}

async function openFolder(folder: string): Promise<FileLock> {
  try {
    await mkdir(join(folder, INCOMING), { recursive: true });
    await syncFolder(folder);
    return lockFile(join(folder, INCOMING, 'folder'));
  } catch (error) {
    throw error instanceof TenfoldError
      ? error
      : new TenfoldError('storage-unusable', explain(error, folder), { cause: error });
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

function toInfo({ key, size, etag, modified, contentType, metadata }: Entry): BlobInfo {
  return { key, size, etag, modified, contentType, metadata: toMetadata(metadata) };
}

function toMetadata(text: string): Record<string, string> {
  const parsed: unknown = JSON.parse(text);
  const entries = Object.entries(parsed ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  return Object.fromEntries(entries);
}
