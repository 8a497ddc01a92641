// A disk of a megabyte that can be grown and made read-only: a file system in memory where this
// user may mount one, else what comes nearest.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createFaultyDisk } from './faulty-disk.ts';

export interface SmallDisk {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** There is no more space now. */
  fill(): void;
  /** There is enough again. */
  grow(): void;
  setReadOnly(isReadOnly: boolean): void;
  remove(): void;
}

/** `size` and `grown`: as `mount` takes them. */
export function createSmallDisk(inside: string, size = '1m', grown = '8m'): SmallDisk {
  const folder = join(inside, 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return createPretendedDisk(folder, inside);
  }
  const remount = (option: string) => execFileSync('mount', ['-o', `remount,${option}`, folder], { stdio: 'pipe' });
  return {
    folder,
    environment: {},
    fill() {},
    grow: () => remount(`size=${grown}`),
    setReadOnly: isReadOnly => remount(isReadOnly ? 'ro' : 'rw'),
    remove: () => execFileSync('umount', [folder], { stdio: 'pipe' }),
  };
}

/** For users who may not mount: writes fail on demand, and permissions are taken away. */
function createPretendedDisk(folder: string, tools: string): SmallDisk {
  const disk = createFaultyDisk(folder, tools);
  return {
    folder,
    environment: disk.environment,
    fill: () => disk.set({ writeErrno: constants.errno.ENOSPC }),
    grow: () => disk.set({}),
    setReadOnly: isReadOnly => chmodSync(folder, isReadOnly ? 0o555 : 0o755),
    remove: () => disk.close(),
  };
}
