// The newest minutes of the numbers that a page shows, as it measures them while it is open.

export const STEP_MS = 5_000;
const KEPT_MS = 15 * 60_000;
/** A page that nobody looks at measures nothing. */
const HOLE_MS = 3 * STEP_MS;

export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The page knew these. */
  readonly values: Readonly<Record<string, number | undefined>>;
}

type Values = readonly (number | null)[];

/** The history has at most as many moments as fit into the time that it keeps. */
export function withMoment(history: readonly Moment[], newest: Moment): readonly Moment[] {
  // A clock that is set back begins anew.
  const before = history.filter(({ at }) => at < newest.at && newest.at - at <= KEPT_MS);
  const last = before.at(-1);
  const hole = last !== undefined && newest.at - last.at > HOLE_MS ? [{ at: last.at + STEP_MS, values: {} }] : [];
  return [...before, ...hole, newest];
}

/** The values of one number, with null where it was not known. */
export function valuesOf(history: readonly Moment[], name: string): Values {
  return history.map(({ values }) => values[name] ?? null);
}

/** How much a count grew each second. */
export function perSecond(history: readonly Moment[], name: string): Values {
  return growthOf(history, name).map((grown, index) => {
    const ms = (history[index]?.at ?? 0) - (history[index - 1]?.at ?? 0);
    return grown === null ? null : (grown * 1000) / ms;
  });
}

/** The growth of a total for each one by which a count grew; null where it did not grow. */
export function meanOf(history: readonly Moment[], total: string, count: string): Values {
  const counts = growthOf(history, count);
  return growthOf(history, total).map((grown, index) => {
    const by = counts[index] ?? 0;
    return grown === null || by === 0 ? null : grown / by;
  });
}

/**
 * Null where it is not known. Each process counts for itself, and another one may answer each time:
 * after a count has fallen, one that is back where the earlier one was is that of the other.
 */
function growthOf(history: readonly Moment[], name: string): Values {
  let last: number | undefined;
  let under: number | undefined;
  return history.map(({ values }) => {
    const [count, before] = [values[name], last];
    last = count;
    if (count === undefined || before === undefined) return null;
    if (count < before) under = Math.max(before, under ?? 0);
    else if (under === undefined || count < under) return count - before;
    else under = undefined;
    return null;
  });
}
