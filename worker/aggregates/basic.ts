// The aggregates that take one number or value each: count, sum, avg, min, max, first, last.
import type { Accumulator } from './aggregate.ts';

/** From there on JSON writes an exponent. */
const MAX_WRITTEN = 1e21;

export class Count implements Accumulator {
  count: number;
  constructor(saved?: unknown) {
    this.count = numberOr(saved, 0);
  }
  add(): void {
    this.count++;
  }
  merge(other: Count): void {
    this.count += other.count;
  }
  result(): number {
    return this.count;
  }
  save(): number {
    return this.count;
  }
}

/**
 * Neumaier's sum: it adds up rounding errors beside the sum, so that a million small amounts add up
 * to what they should.
 */
export class Sum implements Accumulator {
  sum: number;
  lost: number;
  constructor(saved?: unknown) {
    const [sum, lost] = listOf(saved);
    this.sum = numberOr(sum, 0);
    this.lost = numberOr(lost, 0);
  }
  /** A double beyond ±2^53 comes back as a BigInt where it was stored. */
  add(given: number | bigint): void {
    const value = Number(given);
    const sum = this.sum + value;
    this.lost += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum;
    this.sum = sum;
  }
  merge(other: Sum): void {
    this.add(other.sum);
    this.lost += other.lost;
  }
  total(): number {
    return this.sum + this.lost;
  }
  /** Whole numbers have an exact sum: the rounding errors beside it are whole, too. */
  result(): number | bigint {
    const total = this.total();
    const size = Math.abs(total);
    if (size <= Number.MAX_SAFE_INTEGER || size >= MAX_WRITTEN) return total;
    return Number.isInteger(this.sum) && Number.isInteger(this.lost) ? BigInt(this.sum) + BigInt(this.lost) : total;
  }
  save(): number[] {
    return this.lost === 0 ? [this.sum] : [this.sum, this.lost];
  }
}

export class Average implements Accumulator {
  readonly sum: Sum;
  count: number;
  constructor(saved?: unknown) {
    const [count, ...sum] = listOf(saved);
    this.count = numberOr(count, 0);
    this.sum = new Sum(sum);
  }
  add(value: number | bigint): void {
    this.sum.add(value);
    this.count++;
  }
  merge(other: Average): void {
    this.sum.merge(other.sum);
    this.count += other.count;
  }
  result(): number | null {
    return this.count === 0 ? null : this.sum.total() / this.count;
  }
  save(): number[] {
    return [this.count, ...this.sum.save()];
  }
}

/** Numbers, or texts by their code units; numbers come before texts. */
export class Extreme implements Accumulator {
  value: unknown;
  readonly #sign: 1 | -1;
  constructor(sign: 1 | -1, saved?: unknown) {
    this.#sign = sign;
    this.value = saved ?? null;
  }
  add(value: unknown): void {
    if (value !== null && (this.value === null || compare(value, this.value) * this.#sign > 0)) this.value = value;
  }
  merge(other: Extreme): void {
    this.add(other.value);
  }
  result(): unknown {
    return this.value;
  }
  save(): unknown {
    return this.value;
  }
}

function compare(one: unknown, other: unknown): number {
  if (isNumber(one) && isNumber(other)) return one < other ? -1 : one > other ? 1 : 0;
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0;
  return isNumber(one) ? -1 : 1;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** By the time of the event. Order in the topic decides only between events of one moment. */
export class Edge implements Accumulator {
  value: unknown;
  time: number | undefined;
  readonly #last: boolean;
  constructor(last: boolean, saved?: unknown) {
    const [time, value] = listOf(saved);
    this.#last = last;
    this.time = typeof time === 'number' ? time : undefined;
    this.value = value ?? null;
  }
  add(value: unknown, time: number): void {
    if (this.time !== undefined && (this.#last ? time < this.time : time >= this.time)) return;
    this.value = value ?? null;
    this.time = time;
  }
  merge(other: Edge): void {
    if (other.time !== undefined) this.add(other.value, other.time);
  }
  result(): unknown {
    return this.value;
  }
  save(): unknown {
    return this.time === undefined ? [] : [this.time, this.value];
  }
}

export function listOf(saved: unknown): readonly unknown[] {
  return Array.isArray(saved) ? saved : [];
}

export function numberOr(value: unknown, otherwise: number): number {
  return isNumber(value) ? Number(value) : otherwise;
}
