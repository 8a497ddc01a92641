// Notices that something below a folder may have changed.
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../core/world.ts';
import { isResourceFile, isSearched } from '../load/find-files.ts';
import { isNamedFile } from '../load/named-files.ts';

/**
 * Editors write a file in several steps; one change is what happened
 * within this time of each other.
 */
const QUIET_MS = 30;
/** A folder that never becomes quiet is looked at this often all the same. */
const PATIENCE_MS = 250;
/** How often a missing folder is looked for. */
const GONE_MS = 250;

export interface FolderWatch {
  /**
   * Brings the watches in line with the folders that are there now. Call it before each reading of
   * the files.
   */
  sync(): Promise<void>;
  close(): void;
}

/**
 * Calls `changed` some time after something changed. The recursive mode of `fs.watch` is not
 * used: on Linux it also watches
 * `node_modules`, file by file, and does not survive that the folder itself is replaced.
 */
export function watchFolders(directory: string, world: World, changed: () => void): FolderWatch {
  const watchers = new Map<string, { readonly inode: number; readonly watcher: FSWatcher }>();
  let pending: { cancel(): void } | undefined;
  let since = 0;
  let closed = false;

  const notice = (quietMs = QUIET_MS) => {
    if (closed) return;
    const now = world.monotonic();
    if (!pending) since = now;
    pending?.cancel();
    pending = world.after(Math.max(0, Math.min(quietMs, since + PATIENCE_MS - now)), () => {
      pending = undefined;
      changed();
    });
  };
  const drop = (folder: string) => {
    watchers.get(folder)?.watcher.close();
    watchers.delete(folder);
  };
  const add = (folder: string, inode: number) => {
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        if (event === 'rename' || name === null || isResourceFile(name) || isNamedFile(name)) notice();
      });
      watcher.on('error', () => {
        drop(folder);
        notice();
      });
      watchers.set(folder, { inode, watcher });
    } catch {
      // Removed meanwhile: its parent sends an event for that.
    }
  };
  return {
    async sync() {
      // A folder that appears while its parent is not yet watched sends no event: look
      // again until nothing is new.
      for (let fresh = true; fresh && !closed; ) {
        const folders = new Map(await foldersBelow(directory));
        if (closed) return;
        // A folder that was replaced has the same name, and its watcher still sends
        // the events of the old one.
        for (const [folder, { inode }] of watchers) if (folders.get(folder) !== inode) drop(folder);
        fresh = false;
        for (const [folder, inode] of folders) {
          if (watchers.has(folder)) continue;
          add(folder, inode);
          fresh ||= watchers.has(folder);
        }
        if (folders.size === 0) notice(GONE_MS);
      }
    },
    close() {
      closed = true;
      pending?.cancel();
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}

/**
 * The folder itself and those below it that `findFiles` would look into, with their inodes;
 * none when it does not exist.
 */
async function foldersBelow(directory: string): Promise<[folder: string, inode: number][]> {
  try {
    const [{ ino }, entries] = await Promise.all([stat(directory), readdir(directory, { withFileTypes: true })]);
    const inner = entries.filter(entry => entry.isDirectory() && isSearched(entry.name));
    const below = await Promise.all(inner.map(entry => foldersBelow(join(directory, entry.name))));
    return [[directory, ino], ...below.flat()];
  } catch {
    return [];
  }
}
