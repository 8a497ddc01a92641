// A disk that can be filled: a file system in memory of a certain size where the machine lets us
// mount one, else a folder on which every write fails on demand.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { tempFolder } from '../../cli/temp-folder.ts';
import { createFaultyDisk } from '../../drivers/event-log/sqlite/faulty-disk.ts';
import { startNative } from '../../services/native-process.ts';

export interface SmallDisk {
  readonly folder: string;
  /** For programs whose disk it is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How it is full, for people. */
  readonly kind: string;
  fill(): void;
  empty(): void;
  close(): Promise<void>;
}

const TRIES = 100;

/** Holds the mount, and takes it off when it is ended, however that comes about. */
const HOLD = `mount -t tmpfs -o size=$1m tmpfs "$0" || exit 1
trap 'umount -l "$0"; kill $waits; exit 0' TERM
touch "$0/mounted"
while :; do sleep 1000 & waits=$!; wait $waits; done`;

export async function startSmallDisk(megabytes: number): Promise<SmallDisk> {
  return canMount() ? mountedDisk(megabytes) : faultyDisk();
}

export async function mountedDisk(megabytes: number): Promise<SmallDisk> {
  const base = tempFolder();
  const folder = join(base, 'disk');
  mkdirSync(folder);
  const holder = await startNative({
    name: 'disk',
    command: 'sh',
    args: () => ['-c', HOLD, folder, String(megabytes)],
    isReady: async () => spawnSync('test', ['-e', join(folder, 'mounted')]).status === 0,
  });
  const resize = (size: string) => spawnSync('mount', ['-o', `remount,size=${size}`, folder]).status === 0;
  return {
    folder,
    environment: {},
    kind: 'full',
    fill() {
      // As small as what it holds. That may just be growing.
      const fits = () => {
        const { blocks, bfree, bsize } = statfsSync(folder);
        return resize(String((blocks - bfree) * bsize));
      };
      for (let tries = 0; !fits(); tries++) if (tries === TRIES) throw new Error('The disk cannot be made smaller.');
    },
    empty: () => void resize(`${megabytes}m`),
    close: () => holder.stop(),
  };
}

export async function faultyDisk(): Promise<SmallDisk> {
  const base = tempFolder();
  const [folder, tools] = [join(base, 'disk'), join(base, 'tools')];
  for (const each of [folder, tools]) mkdirSync(each);
  const disk = createFaultyDisk(folder, tools);
  return {
    folder,
    environment: disk.environment,
    kind: 'full (made so for its process, as no file system can be mounted here)',
    fill: () => disk.set({ writeErrno: constants.errno.ENOSPC }),
    empty: () => disk.set({}),
    async close() {
      disk.close();
    },
  };
}

let known: boolean | undefined;
export function canMount(): boolean {
  known ??= tryToMount();
  return known;
}

function tryToMount(): boolean {
  const folder = tempFolder();
  const { status } = spawnSync('sh', ['-c', 'mount -t tmpfs -o size=1m tmpfs "$0" && umount "$0"', folder], {
    stdio: 'ignore',
  });
  return status === 0;
}
