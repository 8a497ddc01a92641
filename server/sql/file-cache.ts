// Copies of archive files on this machine's disk, for DuckDB, which reads files alone. They never
// change, so a copy stays good until room is needed.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TenfoldError } from '../../core/errors.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { ArchiveFile } from '../../worker/archive/manifest.ts';

export type FetchedFile =
  /** Path from `folder`. */
  | { readonly path: string }
  /** The file is no longer in the blob store, or it is damaged there. */
  | { readonly missing: true }
  | { readonly damaged: string };

export interface FileCache {
  /** The results in the order of `files`. */
  fetch(
    files: readonly ArchiveFile[],
    progress: (bytes: number, of: number) => void,
    signal: AbortSignal,
  ): Promise<FetchedFile[]>;
  readonly folder: string;
}

export interface FileCacheOptions {
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly folder: string;
  readonly maxBytes: number;
}

const CONTENTS = 'files';
const AT_ONCE = 4;

export function createFileCache({ blobs, folder, maxBytes }: FileCacheOptions): FileCache {
  const contents = join(folder, CONTENTS);
  let names = 0;

  const fetchOne = async (file: ArchiveFile, path: string, signal: AbortSignal): Promise<FetchedFile | undefined> => {
    const there = await stat(path).catch(() => undefined);
    if (there?.size === file.bytes) {
      const now = new Date();
      await utimes(path, now, now);
      return undefined;
    }
    const blob = await getBlob(file.key);
    if (blob === undefined) return { missing: true };
    if ('damaged' in blob) return blob;
    await mkdir(dirname(path), { recursive: true });
    const aside = `${path}.${process.pid}-${++names}.part`;
    try {
      await pipeline(blob.body, createWriteStream(aside), { signal });
      await rename(aside, path);
    } catch (error) {
      await rm(aside, { force: true });
      if (isDamage(error)) return { damaged: error.message };
      throw error;
    }
    return undefined;
  };
  const getBlob = async (key: string) => {
    try {
      return await blobs.get(key);
    } catch (error) {
      if (isDamage(error)) return { damaged: error.message };
      throw error;
    }
  };

  return {
    folder,
    async fetch(files, progress, signal) {
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      if (total > maxBytes) throw tooLarge(total, maxBytes);
      await makeRoom(contents, total, maxBytes, new Set(files.map(pathOf)));
      const fetched: FetchedFile[] = files.map(file => ({ path: `${CONTENTS}/${pathOf(file)}` }));
      let next = 0;
      let done = 0;
      const work = async () => {
        for (let index = next++; index < files.length; index = next++) {
          const file = files[index];
          if (file === undefined) return;
          signal.throwIfAborted();
          const failed = await fetchOne(file, join(contents, pathOf(file)), signal);
          if (failed) fetched[index] = failed;
          done += file.bytes;
          progress(done, total);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return fetched;
    },
  };
}

function isDamage(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && error.code === 'data-corrupt';
}

/** The name of a file determines its content, so none comes twice with another content. */
function pathOf({ folder, key }: ArchiveFile): string {
  return `${withoutCapitals(folder)}/${key.slice(key.lastIndexOf('/') + 1)}`;
}

/** Some file systems take `country=DE` and `country=de` for one folder. */
function withoutCapitals(folder: string): string {
  return folder.replaceAll(/%[0-9A-F]{2}|[A-Z]/g, found =>
    found.length > 1 ? found.toLowerCase() : `%${found.charCodeAt(0).toString(16)}`,
  );
}

/** Removes the least recently used files, but none that is `wanted`. */
async function makeRoom(contents: string, bytes: number, maxBytes: number, wanted: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(contents, { recursive: true, withFileTypes: true }).catch(() => []);
  const kept: { readonly path: string; readonly size: number; readonly usedMs: number }[] = [];
  let total = bytes;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (wanted.has(path.slice(contents.length + 1))) continue;
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    total += found.size;
    kept.push({ path, size: found.size, usedMs: found.mtimeMs });
  }
  kept.sort((a, b) => a.usedMs - b.usedMs);
  for (const { path, size } of kept) {
    if (total <= maxBytes) return;
    await rm(path, { force: true });
    total -= size;
  }
}

function tooLarge(bytes: number, maxBytes: number): TenfoldError {
  const gib = (value: number) => (value / 1024 ** 3).toFixed(1);
  return new TenfoldError(
    'query-too-large',
    `The files that the query may read have ${gib(bytes)} GiB together, and ${gib(maxBytes)} GiB is the most. Ask for fewer days (since, until).`,
  );
}
