// BlobStore over a folder: contents are files, what they are is in the database, and only what
// stands there is in force.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { Database } from '../../sqlite/database.ts';
import { type FileLock, lockFile } from '../../sqlite/file-lock.ts';
import { explain } from '../../sqlite/sqlite-error.ts';
import { createStoreClock } from '../../store/clock.ts';
import { assertBlobKey, assertBlobOptions, assertBlobPage } from '../assert-blob.ts';
import type { BlobChanges, BlobRange, BlobStore, OpenBlob } from '../blob-store.ts';
import { type ChangeNotifier, createChangeNotifier } from '../change-notifier.ts';
import { extentOf } from '../range.ts';
import { readContent } from './content.ts';
import { ContentWriter } from './content-writer.ts';
import { infoOf } from './entry-info.ts';
import { INCOMING } from './file-names.ts';
import { createFiles, type Files, syncFolder } from './files.ts';
import { createFolderHealth, type FolderHealth, toDiskError } from './folder-health.ts';
import { recover } from './recover.ts';
import { Removals } from './removals.ts';
import { FolderRequests } from './requests.ts';

export interface FolderBlobStoreOptions {
  /** Absolute path; made when missing. */
  readonly folder: string;
  readonly database: Database;
  readonly world: World;
  /** How long changes are kept, milliseconds. Default 7 days. */
  readonly keepChangesMs?: number;
}

const WEEK_MS = 7 * 86_400_000;
/** How often an object is looked up again whose file was replaced before it was opened. */
const MAX_LOOK_UPS = 10;

export interface FolderBlobStore extends BlobStore {
  /**
   * From now on until the answer is called no content is removed, though its object may
   * be deleted or written anew.
   */
  holdRemovals(): () => void;
}

/** What reading needs. */
interface FolderParts {
  readonly folder: string;
  readonly requests: FolderRequests;
  readonly files: Files;
  readonly disk: FolderHealth;
  readonly notifier: ChangeNotifier;
}

export async function openFolderBlobStore(options: FolderBlobStoreOptions): Promise<FolderBlobStore> {
  const { folder, database, world, keepChangesMs = WEEK_MS } = options;
  const requests = new FolderRequests(database.client('blob', 'store-unavailable'), world, keepChangesMs);
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
  const removals = new Removals(files, requests);
  const parts = { folder, world, requests, files, notifier, disk, removals };
  const writer = new ContentWriter(parts);
  database.onRecovered(() => writer.decideUncertain());
  let closed = false;

  return {
    now: async () => clock.now(),
    async put(key, body, settings = {}) {
      assertBlobKey(key);
      assertBlobOptions(settings);
      return await writer.put(key, body, settings);
    },
    async head(key) {
      assertBlobKey(key);
      const entry = await requests.get(key);
      return entry && infoOf(entry);
    },
    get: (key, range) => openBlob(parts, key, range),
    async delete(key) {
      assertBlobKey(key);
      const stamp = await requests.delete(key);
      if (stamp === undefined) return false;
      notifier.notify();
      await removals.discard(key, stamp);
      return true;
    },
    async list(prefix, { limit, after = '' }) {
      assertBlobPage(limit);
      return await requests.list(prefix, after, limit);
    },
    latestChange: async () => String(await requests.latest()),
    changes: (after, request) => changesAfter(parts, after, request),
    health: disk.health,
    holdRemovals: () => removals.hold(),
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

async function openBlob(
  { folder, requests, files, disk }: FolderParts,
  key: string,
  range: BlobRange | undefined,
): Promise<OpenBlob | undefined> {
  assertBlobKey(key);
  // Between reading the entry and opening its file it may have been replaced, and the file removed.
  for (let turn = 0; turn < MAX_LOOK_UPS; turn++) {
    const entry = await requests.get(key);
    if (!entry) return undefined;
    const file = await files.open(key, entry.stamp).catch(error => {
      throw disk.failed(toDiskError(error, folder));
    });
    if (!file) continue;
    const extent = extentOf(range, entry.size);
    const body = readContent(file, entry.checks, entry.size, extent, key, disk.failed);
    return { info: infoOf(entry), ...extent, body };
  }
  throw new TenfoldError(
    'data-corrupt',
    `The file of the object '${key}' is missing in ${folder}. Write the object anew.`,
  );
}

async function changesAfter(
  { requests, notifier }: FolderParts,
  after: string | undefined,
  { limit, waitMs = 0, signal }: Parameters<BlobStore['changes']>[1],
): Promise<BlobChanges> {
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
}
