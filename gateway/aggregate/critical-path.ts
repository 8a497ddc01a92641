// Finds the parts that make an answer late: the one that settled last, and back from there the one
// that each part waited for longest.
import type { PartPlace } from './recent-requests.ts';

/**
 * By the places of the parts. Parts that settled at the same moment, as at a deadline, count alike.
 * A part that was not called took no time, so it leads on to what it waited for.
 */
export function criticalPath(
  parts: readonly PartPlace[],
  settledAt: readonly number[],
  wasCalled: (place: number) => boolean,
): ReadonlySet<number> {
  const path = new Set<number>();
  const seen = new Set<number>();
  const follow = (places: readonly number[]): void => {
    const last = Math.max(...places.map(place => timeOf(settledAt[place])));
    for (const place of places) {
      if (timeOf(settledAt[place]) !== last || last === Number.NEGATIVE_INFINITY || seen.has(place)) continue;
      seen.add(place);
      if (wasCalled(place)) path.add(place);
      follow(parts[place]?.waitsFor ?? []);
    }
  };
  follow(parts.map((_, place) => place));
  return path;
}

function timeOf(settledAt: number | undefined): number {
  return settledAt === undefined || Number.isNaN(settledAt) ? Number.NEGATIVE_INFINITY : settledAt;
}
