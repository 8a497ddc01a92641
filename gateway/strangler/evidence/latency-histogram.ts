// Counts durations in buckets that grow by a tenth, so that percentiles are right within 5% and all
// of it is half a kilobyte.

const GROWTH = 1.1;
const SMALLEST_MS = 0.1;
/** The last bucket begins above the longest time limit there is, 15 minutes. */
const BUCKETS = Math.ceil(Math.log(900_000 / SMALLEST_MS) / Math.log(GROWTH)) + 1;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface LatencyHistogram {
  add(ms: number): void;
  /** Milliseconds; undefined as long as nothing was counted. */
  percentiles(): Percentiles | undefined;
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;
  const percentile = (share: number): number => {
    let rest = Math.ceil(total * share);
    const bucket = counts.findIndex(count => {
      rest -= count;
      return rest <= 0;
    });
    return round(SMALLEST_MS * GROWTH ** (bucket + 0.5));
  };
  return {
    add(ms) {
      const bucket = Math.floor(Math.log(ms / SMALLEST_MS) / Math.log(GROWTH));
      const index = Math.min(BUCKETS - 1, Math.max(0, bucket));
      counts[index] = (counts[index] ?? 0) + 1;
      total++;
    },
    percentiles: () =>
      total === 0 ? undefined : { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}

/** Three digits are more than a bucket knows. */
function round(ms: number): number {
  return Number(ms.toPrecision(3));
}
