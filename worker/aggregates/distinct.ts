// distinct(x): how many different values came. Exact for a few values, then HyperLogLog with 2^14
// registers: within 1% or so.
import type { Accumulator } from './aggregate.ts';
import { listOf } from './basic.ts';
import { hash53, textOf } from './hash.ts';

/** Values that are kept one by one. */
const EXACT = 128;
const BITS = 14;
const REGISTERS = 1 << BITS;
/** Bits of a hash in which zeros are counted. */
const REST = 53 - BITS;

export class Distinct implements Accumulator {
  #few: Set<number> | undefined;
  #registers: Uint8Array | undefined;

  constructor(saved?: unknown) {
    if (typeof saved === 'string') this.#registers = unpack(Buffer.from(saved, 'base64'));
    else this.#few = new Set(listOf(saved).filter(each => typeof each === 'number'));
  }

  add(value: unknown): void {
    if (value !== null && value !== undefined) this.#take(hash53(textOf(value)));
  }

  merge(other: Distinct): void {
    if (other.#few) {
      for (const hash of other.#few) this.#take(hash);
      return;
    }
    const registers = this.#many();
    for (const [index, rank] of (other.#registers ?? []).entries()) {
      if (rank > (registers[index] ?? 0)) registers[index] = rank;
    }
  }

  result(): number {
    return this.#few ? this.#few.size : Math.round(estimate(this.#many()));
  }

  save(): unknown {
    return this.#few ? [...this.#few] : Buffer.from(pack(this.#many())).toString('base64');
  }

  #take(hash: number): void {
    const few = this.#few;
    if (few === undefined) {
      mark(this.#many(), hash);
      return;
    }
    few.add(hash);
    if (few.size > EXACT) this.#many();
  }

  #many(): Uint8Array {
    if (this.#registers) return this.#registers;
    const registers = new Uint8Array(REGISTERS);
    for (const hash of this.#few ?? []) mark(registers, hash);
    this.#few = undefined;
    this.#registers = registers;
    return registers;
  }
}

function mark(registers: Uint8Array, hash: number): void {
  const low = hash % 4294967296;
  const high = Math.floor(hash / 4294967296);
  const index = low & (REGISTERS - 1);
  // The rest of the low half has 18 bits, the high half 21.
  const left = low >>> BITS;
  const rank = left !== 0 ? Math.clz32(left) - BITS + 1 : 18 + (high !== 0 ? Math.clz32(high) - 11 + 1 : 22);
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/**
 * Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017,
 * algorithm 6): right for few and many, without tables.
 */
function estimate(registers: Uint8Array): number {
  const counts = new Array<number>(REST + 2).fill(0);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  let z = REGISTERS * tau(1 - (counts[REST + 1] ?? 0) / REGISTERS);
  for (let rank = REST; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] ?? 0));
  z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
  return (REGISTERS / (2 * Math.LN2)) * (REGISTERS / z);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  for (let before = -1; z !== before; ) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (let before = -1; z !== before; ) {
    before = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

/** Registers that are not zero, three bytes each, as long as that is shorter than all of them. */
function pack(registers: Uint8Array): Uint8Array {
  let filled = 0;
  for (const rank of registers) if (rank !== 0) filled++;
  if (filled * 3 >= REGISTERS) return registers;
  const packed = new Uint8Array(filled * 3);
  let at = 0;
  for (let index = 0; index < REGISTERS; index++) {
    const rank = registers[index] ?? 0;
    if (rank === 0) continue;
    packed[at++] = index >> 8;
    packed[at++] = index & 0xff;
    packed[at++] = rank;
  }
  return packed;
}

function unpack(packed: Uint8Array): Uint8Array {
  if (packed.length === REGISTERS) return new Uint8Array(packed);
  const registers = new Uint8Array(REGISTERS);
  for (let at = 0; at + 2 < packed.length; at += 3) {
    registers[((packed[at] ?? 0) << 8) | (packed[at + 1] ?? 0)] = packed[at + 2] ?? 0;
  }
  return registers;
}
