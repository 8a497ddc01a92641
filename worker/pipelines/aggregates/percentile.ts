// percentile(x, p): within 1% of the value, by a DDSketch (Masson et al. 2019): counts in buckets that grow by 2% from one to the next.
import type { Accumulator } from './aggregate.ts';
import { listOf, numberOr } from './basic.ts';

const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Nearer to zero than this is zero. */
const SMALLEST = 1e-9;
/** Of each sign; beyond that the buckets nearest to zero become one. From 1e-9 to 1e8 none ever does. */
const MAX_BUCKETS = 2048;

export class Percentile implements Accumulator {
  readonly #share: number;
  readonly #above: Map<number, number>;
  readonly #below: Map<number, number>;
  #zero: number;
  #count: number;

  constructor(percent: number, saved?: unknown) {
    const [zero, above, below] = listOf(saved);
    this.#share = percent / 100;
    this.#zero = numberOr(zero, 0);
    this.#above = toBuckets(above);
    this.#below = toBuckets(below);
    this.#count = this.#zero + sumOf(this.#above) + sumOf(this.#below);
  }

  add(value: number): void {
    this.#count++;
    if (Math.abs(value) < SMALLEST) this.#zero++;
    else if (value > 0) addTo(this.#above, bucketOf(value), 1);
    else addTo(this.#below, bucketOf(-value), 1);
  }

  merge(other: Percentile): void {
    this.#count += other.#count;
    this.#zero += other.#zero;
    for (const [bucket, count] of other.#above) addTo(this.#above, bucket, count);
    for (const [bucket, count] of other.#below) addTo(this.#below, bucket, count);
  }

  result(): number | null {
    if (this.#count === 0) return null;
    let rank = this.#share * (this.#count - 1);
    for (const [bucket, count] of [...this.#below].sort(([a], [b]) => b - a)) {
      rank -= count;
      if (rank < 0) return -middleOf(bucket);
    }
    rank -= this.#zero;
    if (rank < 0) return 0;
    const above = [...this.#above].sort(([a], [b]) => a - b);
    for (const [bucket, count] of above) {
      rank -= count;
      if (rank < 0) return middleOf(bucket);
    }
    return middleOf(above.at(-1)?.[0] ?? 0);
  }

  save(): unknown {
    return [this.#zero, [...this.#above].flat(), [...this.#below].flat()];
  }
}

function bucketOf(value: number): number {
  return Math.ceil(Math.log(value) / LOG_GAMMA);
}

/** Of all values of the bucket no further than the accuracy. */
function middleOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

function addTo(buckets: Map<number, number>, bucket: number, by: number): void {
  const count = buckets.get(bucket);
  buckets.set(bucket, (count ?? 0) + by);
  if (count !== undefined || buckets.size <= MAX_BUCKETS) return;
  const [first = 0, second = first] = [...buckets.keys()].sort((a, b) => a - b);
  buckets.set(second, (buckets.get(second) ?? 0) + (buckets.get(first) ?? 0));
  buckets.delete(first);
}

function toBuckets(saved: unknown): Map<number, number> {
  const list = listOf(saved);
  const buckets = new Map<number, number>();
  for (let index = 0; index + 1 < list.length; index += 2) {
    buckets.set(numberOr(list[index], 0), numberOr(list[index + 1], 0));
  }
  return buckets;
}

function sumOf(buckets: Map<number, number>): number {
  let sum = 0;
  for (const count of buckets.values()) sum += count;
  return sum;
}
