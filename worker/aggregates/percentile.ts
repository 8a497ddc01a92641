// percentile(x, p): the least value that is no less than p% of all, as DuckDB's quantile_disc gives
// it. Exact for a few values, then within 1% by a DDSketch (Masson et al. 2019). The sketch counts
// in buckets that grow by 2% from one to the next.
import type { Accumulator } from './aggregate.ts';
import { listOf, numberOr } from './basic.ts';

/** Values that are kept one by one. */
const EXACT = 128;
const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Decimal places of a percentage. */
const DECIMALS = 10;
/** Values nearer to zero than this count as zero. */
const SMALLEST = 1e-9;
/**
 * The limit for each sign; beyond it the buckets nearest to zero become one. From 1e-9 to 1e8 none
 * ever does.
 */
const MAX_BUCKETS = 2048;

export class Percentile implements Accumulator {
  readonly #percent: number;
  readonly #above: Map<number, number>;
  readonly #below: Map<number, number>;
  #zero: number;
  #count: number;
  /**
   * All values, in no order; undefined: there are too many. The buckets hold them as well, as
   * earlier releases read and write only those.
   */
  #few: number[] | undefined;

  constructor(percent: number, saved?: unknown) {
    const [zero, above, below, few] = listOf(saved);
    this.#percent = percent;
    this.#zero = numberOr(zero, 0);
    this.#above = toBuckets(above);
    this.#below = toBuckets(below);
    this.#count = this.#zero + sumOf(this.#above) + sumOf(this.#below);
    const values = listOf(few).flatMap(each =>
      typeof each === 'number' || typeof each === 'bigint' ? [Number(each)] : [],
    );
    this.#few = values.length === this.#count ? values : undefined;
  }

  /** A double beyond ±2^53 comes back as a BigInt where it was stored. */
  add(given: number | bigint): void {
    const value = Number(given);
    this.#count++;
    if (Math.abs(value) < SMALLEST) this.#zero++;
    else if (value > 0) addTo(this.#above, bucketOf(value), 1);
    else addTo(this.#below, bucketOf(-value), 1);
    if (this.#count > EXACT) this.#few = undefined;
    else this.#few?.push(value);
  }

  merge(other: Percentile): void {
    this.#count += other.#count;
    this.#zero += other.#zero;
    for (const [bucket, count] of other.#above) addTo(this.#above, bucket, count);
    for (const [bucket, count] of other.#below) addTo(this.#below, bucket, count);
    if (this.#count > EXACT || other.#few === undefined) this.#few = undefined;
    else this.#few?.push(...other.#few);
  }

  result(): number | null {
    if (this.#count === 0) return null;
    const index = indexOf(this.#percent, this.#count);
    if (this.#few) return this.#few.toSorted((a, b) => a - b)[index] ?? null;
    let rank = index;
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
    const buckets = [this.#zero, [...this.#above].flat(), [...this.#below].flat()];
    return this.#few ? [...buckets, this.#few] : buckets;
  }
}

/**
 * Index from 0 among so many sorted values. In whole numbers: 99.9% of 1000 are 999, and no
 * rounding makes them 1000.
 */
function indexOf(percent: number, count: number): number {
  const share = BigInt(percent.toFixed(DECIMALS).replace('.', ''));
  const whole = 100n * 10n ** BigInt(DECIMALS);
  const rank = (BigInt(count) * share + whole - 1n) / whole;
  return Math.max(Number(rank), 1) - 1;
}

function bucketOf(value: number): number {
  return Math.ceil(Math.log(value) / LOG_GAMMA);
}

/** The middle of the bucket, no further from any of its values than the accuracy. */
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
