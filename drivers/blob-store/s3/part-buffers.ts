// Buffers for parts of long objects, used again: a new one of 8 MiB for each part costs more CPU
// (pages of memory, garbage) than filling it.

export interface PartBuffers {
  take(length: number): Buffer;
  /** Only when nothing that may still be sent is in it. */
  give(buffer: Buffer): void;
}

export function createPartBuffers(partBytes: number, most: number): PartBuffers {
  const free: Buffer[] = [];
  return {
    take: length => (length === partBytes && free.pop()) || Buffer.allocUnsafeSlow(length),
    give(buffer) {
      if (buffer.length === partBytes && free.length < most) free.push(buffer);
    },
  };
}
