// The same numbers each time, so that the data are the same wherever they are made (mulberry32).

export interface Chance {
  /** From 0 up to but not including 1. */
  next(): number;
  below(limit: number): number;
  one<T>(of: readonly T[]): T;
}

export function createChance(seed: number): Chance {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    one(of) {
      const found = of[below(of.length)];
      if (found === undefined) throw new TypeError('There is nothing to choose from.');
      return found;
    },
  };
}
