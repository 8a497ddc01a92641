// Random hex digits out of a pooled buffer: one system call per 4 KiB instead of one per id, and
// one conversion for a few ids.

const POOL_BYTES = 4096;
/**
 * So many are converted together. An id that is kept holds the digits of all of them in memory, so
 * they are few.
 */
const PART_BYTES = 128;
const pool = Buffer.alloc(POOL_BYTES);
let converted = POOL_BYTES;
let digits = '';
let used = 0;

/** `bytes`: at most 128. */
export function randomHex(bytes: number): string {
  if (used + 2 * bytes > digits.length) {
    if (converted === POOL_BYTES) {
      // Loaded at first use: it costs a function's cold start 4 ms.
      process.getBuiltinModule('node:crypto').randomFillSync(pool);
      converted = 0;
    }
    digits = pool.toString('hex', converted, converted + PART_BYTES);
    converted += PART_BYTES;
    used = 0;
  }
  const from = used;
  used += 2 * bytes;
  return digits.slice(from, used);
}
