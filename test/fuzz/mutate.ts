// Makes new inputs of old ones, by chance that a seed decides.

/** A whole number from 0 to below `below`. */
export type Draw = (below: number) => number;

/** Inputs are no longer than this: what is wrong with a parser shows in short ones. */
const MAX_BYTES = 4096;
const EDGES = [0, 1, 9, 10, 13, 32, 34, 37, 44, 47, 58, 59, 92, 127, 128, 192, 237, 254, 255];

/** Mulberry32: the same numbers for the same seed. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** One of `pool` with one to six changes. */
export function mutate(pool: readonly Buffer[], words: readonly Buffer[], draw: Draw): Buffer {
  let input = pick(pool, draw);
  for (let left = 1 + draw(6); left > 0; left--) input = change(input, pool, words, draw);
  return input.subarray(0, MAX_BYTES);
}

function change(input: Buffer, pool: readonly Buffer[], words: readonly Buffer[], draw: Draw): Buffer {
  const at = draw(input.length + 1);
  const to = Math.min(input.length, at + 1 + draw(16));
  switch (draw(9)) {
    case 0:
      return replaced(input, at, at + 1, Buffer.of(draw(256)));
    case 1:
      return replaced(input, at, at + 1, Buffer.of((input[at] ?? 0) ^ (1 << draw(8))));
    case 2:
      return replaced(input, at, at, Buffer.of(EDGES[draw(EDGES.length)] ?? 0));
    case 3:
      return replaced(input, at, to, Buffer.alloc(0));
    case 4:
      return replaced(input, at, at, input.subarray(at, to));
    case 5:
      return replaced(input, at, at, repeated(input.subarray(at, to), 2 + draw(40)));
    case 6: {
      const other = pick(pool, draw);
      const from = draw(other.length + 1);
      return replaced(input, at, draw(2) === 0 ? at : input.length, other.subarray(from, from + 1 + draw(200)));
    }
    default:
      return replaced(input, at, draw(2) === 0 ? at : to, pick(words, draw));
  }
}

function replaced(input: Buffer, from: number, to: number, by: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, from), by, input.subarray(to)]);
}

function repeated(piece: Buffer, times: number): Buffer {
  return Buffer.concat(new Array<Buffer>(times).fill(piece)).subarray(0, MAX_BYTES);
}

function pick(from: readonly Buffer[], draw: Draw): Buffer {
  return from[draw(from.length)] ?? Buffer.alloc(0);
}
