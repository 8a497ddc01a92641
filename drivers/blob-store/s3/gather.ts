// Gathers chunks until they make a part. Small ones are copied together: each on its own would cost far more memory than its bytes.

export interface Gathered {
  readonly bytes: number;
  add(chunk: Uint8Array): void;
  /** The first `length` bytes; the rest stays. */
  take(length: number): Uint8Array;
}

const SMALL = 16 * 1024;
const MIN_SLAB = 4 * 1024;
const MAX_SLAB = 64 * 1024;

export function createGathered(): Gathered {
  let bytes = 0;
  let chunks: Uint8Array[] = [];
  let slab = Buffer.alloc(0);
  let filled = 0;

  /** What the slab has becomes a chunk. */
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
      const all = chunks.length === 1 && only ? only : Buffer.concat(chunks, bytes);
      // Copied, or the little that is left would keep all of it.
      chunks = length < bytes ? [Buffer.from(all.subarray(length))] : [];
      bytes -= length;
      return all.subarray(0, length);
    },
  };
}
