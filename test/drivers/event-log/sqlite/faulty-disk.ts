// A disk that fails on demand below a folder, for processes that are started with its environment
// (test/fixtures/faulty-disk.c).
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Faults {
  /** Every write fails with it. */
  readonly writeErrno?: number;
  /** Every sync fails with it. */
  readonly syncErrno?: number;
  readonly syncDelayMs?: number;
  /** Every read fails with it. */
  readonly readErrno?: number;
}

export interface FaultyDisk {
  readonly environment: NodeJS.ProcessEnv;
  /** From now on; without anything the disk is sound again. */
  set(faults: Faults): void;
  close(): void;
}

const SOURCE = fileURLToPath(new URL('../../../fixtures/faulty-disk.c', import.meta.url));

/**
 * Compiles it with the machine's C compiler. `tools`: a folder for what it
 * needs, outside of `folder`.
 */
export function createFaultyDisk(folder: string, tools: string): FaultyDisk {
  const library = join(tools, 'faulty-disk.so');
  const control = join(tools, 'faulty-disk.control');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
  writeFileSync(control, Buffer.alloc(4096));
  const handle = openSync(control, 'r+');
  return {
    environment: { LD_PRELOAD: library, FAULTY_DISK_CONTROL: control, FAULTY_DISK_FOLDER: folder },
    set({ writeErrno = 0, syncErrno = 0, syncDelayMs = 0, readErrno = 0 }) {
      const page = Buffer.alloc(16);
      page.writeInt32LE(readErrno, 12);
      page.writeInt32LE(writeErrno, 0);
      page.writeInt32LE(syncErrno, 4);
      page.writeInt32LE(syncDelayMs, 8);
      writeSync(handle, page, 0, page.length, 0);
    },
    close: () => closeSync(handle),
  };
}
