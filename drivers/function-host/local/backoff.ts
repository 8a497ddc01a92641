// How long to wait before the next start of a function that keeps failing.

const FIRST_MS = 200;
const LONGEST_MS = 30_000;

/** Exponential with full-range jitter above one half: 100-200 ms after the first failure, at most 30 s. */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(ceiling * (0.5 + random / 2));
}
