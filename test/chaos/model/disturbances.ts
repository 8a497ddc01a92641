// When something was broken by which whoever has an attempt under way may lose what it knows of it,
// or lose its partitions to another.

export interface Disturbances {
  /** Something is. Answers with what to call when it is whole again. */
  disturbed(excuse?: Excuse): () => void;
  /** What was, at some time between these two. */
  between(first: number, last: number): readonly Excuse[];
}

/**
 * `lost`: a worker may forget any attempt, one that succeeded too. `repeated`: another may take
 * over and try once more, and no success is forgotten.
 */
export type Excuse = 'lost' | 'repeated';

/**
 * After a fault others notice late that somebody is gone, and what they do
 * then may be in vain, too.
 */
const AFTERMATH_MS = 20_000;

export function createDisturbances(now: () => number): Disturbances {
  const all: { readonly from: number; until: number; readonly excuse: Excuse }[] = [];
  return {
    disturbed(excuse = 'lost') {
      const disturbance = { from: now(), until: Number.POSITIVE_INFINITY, excuse };
      all.push(disturbance);
      return () => {
        disturbance.until = now();
      };
    },
    between: (first, last) =>
      all.filter(({ from, until }) => from <= last && until + AFTERMATH_MS >= first).map(({ excuse }) => excuse),
  };
}
