// A platform's storage in a folder of its own: the embedded log, store and blob store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld, type World } from '../../../core/world.ts';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { type ArchiveFile, filesOf } from '../../../worker/archive/manifest.ts';

export interface TestStorage extends Storage {
  readonly world: World;
}

/** `blobs`: instead of the folder's; closed with the rest. */
export async function openTestStorage(blobs?: BlobStore): Promise<TestStorage> {
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-archive-'));
  const storage = await openStorage(realWorld, folder);
  if (storage === undefined) throw new Error(`${folder} cannot be written`);
  return {
    ...storage,
    ...(blobs && { blobs }),
    world: realWorld,
    async close() {
      await blobs?.close();
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function allFilesOf(store: Storage['store'], scope: string): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for await (const file of filesOf(store, scope)) files.push(file);
  return files;
}
