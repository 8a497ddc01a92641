// The number of the last commit that was acknowledged, kept beside the database: a file that ends
// before it has lost something.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export interface Acknowledged {
  /**
   * Written after the commit is on disk and without a sync of its own: after a power cut it may
   * be too low, never too high.
   */
  set(commit: number): void;
  close(): void;
}

const LENGTH = 12;

/**
 * The number, or undefined when there is none to be had (a new database, or the file
 * was removed or is damaged).
 */
export function readAcknowledged(database: string): number | undefined {
  let handle: number;
  try {
    handle = openSync(pathOf(database), 'r');
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(LENGTH);
    if (readSync(handle, bytes, 0, LENGTH, 0) !== LENGTH) return undefined;
    return bytes.readUInt32LE(8) === crc32(bytes.subarray(0, 8)) ? bytes.readDoubleLE(0) : undefined;
  } finally {
    closeSync(handle);
  }
}

export function openAcknowledged(database: string): Acknowledged {
  const handle = openSync(pathOf(database), 'a+');
  closeSync(handle);
  const writable = openSync(pathOf(database), 'r+');
  const bytes = Buffer.alloc(LENGTH);
  const number = bytes.subarray(0, 8);
  return {
    set(commit) {
      bytes.writeDoubleLE(commit, 0);
      bytes.writeUInt32LE(crc32(number), 8);
      try {
        writeSync(writable, bytes, 0, LENGTH, 0);
      } catch {} // The commit is safe without it; what is lost is one means to notice damage.
    },
    close: () => closeSync(writable),
  };
}

export const pathOf = (database: string): string => `${database}.acknowledged`;
