// How many stories a run or a sweep compared with their model, and whether these are enough.

export interface Compared {
  /** Nothing of what it tells has changed while it was told. */
  readonly exact: number;
  /** It is one of several fates that the event had meanwhile. */
  readonly moving: number;
  /** The log gave no answer. */
  readonly unanswered: number;
}

export const NONE_COMPARED: Compared = { exact: 0, moving: 0, unanswered: 0 };

/** Of each run, on average. */
const ENOUGH_EXACT = 2;
/** Of those that were told. */
const ENOUGH_SHARE = 0.8;

export function addCompared(one: Compared, other: Compared): Compared {
  return {
    exact: one.exact + other.exact,
    moving: one.moving + other.moving,
    unanswered: one.unanswered + other.unanswered,
  };
}

export function comparedText({ exact, moving, unanswered }: Compared): string {
  return `${exact + moving} stories compared, ${exact} of them exactly; ${unanswered} were not told`;
}

/** Undefined where enough was compared: else nobody would have looked. */
export function tooFewCompared({ exact, moving }: Compared, runs: number): string | undefined {
  if (exact < ENOUGH_EXACT * runs) return `${exact} stories of ${runs} runs were compared exactly, too few`;
  if (exact < ENOUGH_SHARE * (exact + moving))
    return `only ${exact} of ${exact + moving} stories were compared exactly`;
  return undefined;
}
