// Rare states that a sweep must have visited: if one is never seen, what it is there to test is not tested.

/** Every sweep of at least so many runs must see them all. */
const ENOUGH_RUNS = 5_000;

export const SIGHTS = [] as const satisfies readonly string[];

export function missingSights(seen: ReadonlyMap<string, number>, runs: number): readonly string[] {
  return runs < ENOUGH_RUNS ? [] : SIGHTS.filter(sight => !seen.has(sight));
}
