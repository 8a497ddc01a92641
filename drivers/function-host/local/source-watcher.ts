// Watches the folders of the loaded source files and reports a file once its
// content has really changed.
import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Timer, World } from '../../../core/world.ts';

export interface SourceWatcher {
  /** Replaces the set of files to watch, absolute paths. */
  watch(files: Iterable<string>): void;
  close(): void;
}

/**
 * Editors write in several steps (truncate, write, rename): wait until nothing
 * has happened for this long.
 */
const QUIET_MS = 20;

export function createSourceWatcher(world: World, changed: (file: string) => void): SourceWatcher {
  const folders = new Map<string, FSWatcher>();
  /** Hash of each file's content as last seen. */
  const contents = new Map<string, string>();
  const touched = new Set<string>();
  let quiet: Timer | undefined;
  return {
    watch(files) {
      const wanted = new Set<string>();
      const known = new Set(files);
      for (const file of known) {
        wanted.add(dirname(file));
        if (!contents.has(file)) contents.set(file, hashOf(file));
      }
      for (const file of contents.keys()) if (!known.has(file)) contents.delete(file);
      for (const folder of wanted) if (!folders.has(folder)) open(folder);
      for (const folder of [...folders.keys()]) if (!wanted.has(folder)) shut(folder);
    },
    close() {
      quiet?.cancel();
      for (const folder of [...folders.keys()]) shut(folder);
    },
  };

  function open(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null) for (const file of contents.keys()) touch(file);
        else touch(join(folder, name));
      });
      // The folder was removed or replaced: the next `watch` opens it again if it is still wanted.
      watcher.on('error', () => shut(folder));
      folders.set(folder, watcher);
    } catch {
      // The folder is gone; the functions in it fail with a message of their own.
    }
  }

  function shut(folder: string): void {
    folders.get(folder)?.close();
    folders.delete(folder);
  }

  function touch(file: string): void {
    if (!contents.has(file)) return;
    touched.add(file);
    quiet?.cancel();
    quiet = world.after(QUIET_MS, report);
  }

  function report(): void {
    const files = [...touched];
    touched.clear();
    for (const file of files) {
      const hash = hashOf(file);
      if (hash === contents.get(file)) continue;
      contents.set(file, hash);
      changed(file);
    }
  }
}

/** Empty for a file that cannot be read, so that its return counts as a change. */
function hashOf(file: string): string {
  try {
    return createHash('sha1').update(readFileSync(file)).digest('base64');
  } catch {
    return '';
  }
}
