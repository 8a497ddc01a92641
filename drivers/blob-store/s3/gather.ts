// Gathers chunks until they make a part. Small ones are copied together: each on its own would cost
// far more memory than its bytes.
import type { PartBuffers } from './part-buffers.ts';

export interface Gathered {
  readonly bytes: number;
  add(chunk: Uint8Array): void;
  /** The first `length` bytes; the rest stays. `buffer`: to be given back. */
  take(length: number): { readonly bytes: Uint8Array; readonly buffer: Buffer | undefined };
}

const SMALL = 16 * 1024;
const MIN_SLAB = 4 * 1024;
const MAX_SLAB = 64 * 1024;

export function createGathered(buffers: PartBuffers): Gathered {
  let bytes = 0;
  let chunks: Uint8Array[] = [];
  let slab = Buffer.alloc(0);
  let filled = 0;

  /** The bytes in the slab become a chunk. */
  const endSlab = () => {
    if (filled > 0) chunks.push(slab.subarray(0, filled));
    slab = slab.subarray(filled);
    filled = 0;
  };
  const addSmall = (chunk: Uint8Array) => {
    if (filled + chunk.byteLength > slab.length) {
      endSlab();
      slab = Buffer.allocUnsafeSlow(Math.min(MAX_SLAB, Math.max(MIN_SLAB, bytes, chunk.byteLength)));
    }
    slab.set(chunk, filled);
    filled += chunk.byteLength;
  };

  return {
    get bytes() {
      return bytes;
    },
    add(chunk) {
      if (chunk.byteLength < SMALL) addSmall(chunk);
      else {
        endSlab();
        chunks.push(chunk);
      }
      bytes += chunk.byteLength;
    },
    take(length) {
      endSlab();
      const [only] = chunks;
      if (chunks.length === 1 && only?.byteLength === length) {
        chunks = [];
        bytes = 0;
        return { bytes: only, buffer: undefined };
      }
      const buffer = buffers.take(length);
      let at = 0;
      let used = 0;
      for (const chunk of chunks) {
        if (at === length) break;
        const part = chunk.subarray(0, length - at);
        buffer.set(part, at);
        at += part.byteLength;
        if (part.byteLength === chunk.byteLength) used++;
        // Copied, or the little that is left would keep all of it.
        else chunks[used] = Buffer.from(chunk.subarray(part.byteLength));
      }
      chunks = chunks.slice(used);
      bytes -= length;
      return { bytes: buffer, buffer };
    },
  };
}
