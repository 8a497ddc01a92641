// Remembers how long the last calls took, so that a slow one can be recognised.

export interface RecentLatencies {
  add(ms: number): void;
  /** Undefined while too little is known. */
  percentile(fraction: number): number | undefined;
}

const KEPT = 256;
/** Fewer say nothing about the slow ones among them. */
const ENOUGH = 20;
/** Sorting costs more than a call does; after this many further calls it is due again. */
const SORTED_EVERY = 16;

export function createRecentLatencies(): RecentLatencies {
  const recent = new Float64Array(KEPT);
  let count = 0;
  let sorted: Float64Array | undefined;
  let sortedAt = 0;
  return {
    add(ms) {
      recent[count % KEPT] = ms;
      count++;
    },
    percentile(fraction) {
      const size = Math.min(count, KEPT);
      if (size < ENOUGH) return undefined;
      if (sorted === undefined || count - sortedAt >= SORTED_EVERY) {
        sorted = recent.slice(0, size).sort();
        sortedAt = count;
      }
      return sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)];
    },
  };
}
