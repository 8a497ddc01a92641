// Every choice of a simulation, drawn from one seed by label, so that one more draw in one place
// does not change all the others.

export class Chance {
  readonly #seed: number;
  readonly #streams = new Map<string, { state: number; hash: number }>();
  #trace = 0x811c9dc5;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(label: string): number {
    let stream = this.#streams.get(label);
    if (!stream) {
      const hash = hashText(label);
      stream = { state: mix(this.#seed ^ mix(hash)), hash };
      this.#streams.set(label, stream);
    }
    stream.state = (stream.state + 0x9e3779b9) >>> 0;
    const drawn = mix(stream.state);
    this.note(stream.hash ^ drawn);
    return drawn / 0x1_0000_0000;
  }

  /** From `low` to `high`, both included. */
  int(label: string, low: number, high: number): number {
    return low + Math.floor(this.unit(label) * (high - low + 1));
  }

  /** True with probability `p`; draws nothing for 0. */
  happens(label: string, p: number): boolean {
    return p > 0 && this.unit(label) < p;
  }

  pick<T>(label: string, list: readonly [T, ...T[]]): T {
    return list[this.int(label, 0, list.length - 1)] ?? list[0];
  }

  /** Mixes something that happened into the trace. */
  note(value: number): void {
    this.#trace = Math.imul(this.#trace ^ value, 0x01000193) >>> 0;
    this.#trace ^= this.#trace >>> 15;
  }

  noteText(text: string): void {
    this.note(hashText(text));
  }

  /**
   * Equal for two runs only when they made the same draws in the same order
   * and noted the same things.
   */
  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0');
  }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
