// The files of the folder: new contents come in aside, go to their place once they are in force,
// and are removed when they are not.
import { constants, type Dir } from 'node:fs';
import { type FileHandle, mkdir, open, opendir, realpath, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import { fileOf, folderOf, INCOMING, incomingOf } from './file-names.ts';

export type Files = ReturnType<typeof createFiles>;

export function createFiles(root: string) {
  const incoming = (stamp: string) => join(root, incomingOf(stamp));
  const inPlace = (key: string, stamp: string) => join(root, fileOf(key, stamp));
  /** A link that somebody put into the folder must not lead out of it. */
  const makeFolder = async (key: string) => {
    const folder = join(root, folderOf(key));
    await mkdir(folder, { recursive: true });
    const [real, realRoot] = await Promise.all([realpath(folder), realpath(root)]);
    if (real !== realRoot && !real.startsWith(realRoot + sep))
      throw new TenfoldError(
        'store-unavailable',
        `${folder} leads out of ${root}. Remove the symbolic link in between.`,
      );
  };
  return {
    incoming,
    removeIncoming: (stamp: string) => rm(incoming(stamp), { force: true }),
    /** Makes the name of a new file durable. */
    syncIncoming: () => syncFolder(join(root, INCOMING)),
    /** Nothing depends on where the file is, so after a failure it stays where it is. */
    async settle(key: string, stamp: string): Promise<void> {
      try {
        await makeFolder(key);
        await rename(incoming(stamp), inPlace(key, stamp));
      } catch {}
    },
    async open(key: string, stamp: string): Promise<FileHandle | undefined> {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
      // It may be on its way from the one place to the other.
      for (const path of [inPlace(key, stamp), incoming(stamp), inPlace(key, stamp)]) {
        try {
          return await open(path, flags);
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }
      return undefined;
    },
    /** No error when it is not there. Folders that become empty go too. */
    async remove(key: string, stamp: string): Promise<void> {
      for (const path of [incoming(stamp), inPlace(key, stamp)]) {
        await unlink(path).catch(error => {
          if (!isMissing(error)) throw error;
        });
      }
      let folder = dirname(inPlace(key, stamp));
      while (folder.startsWith(root + sep)) {
        try {
          await rmdir(folder);
        } catch {
          return;
        }
        folder = dirname(folder);
      }
    },
    /** Stamps of files that have not gone to their place. */
    async *waiting(): AsyncGenerator<string> {
      const folder: Dir = await opendir(join(root, INCOMING));
      for await (const entry of folder) if (entry.isFile() && !entry.name.includes('.')) yield entry.name;
    },
  };
}

/** Makes the names in it durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
