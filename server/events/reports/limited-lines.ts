// Bounds how many lines a consumer writes to the log in a stretch of time, and counts those that
// were left out.

export interface LinesLimit {
  readonly most: number;
  readonly everyMs: number;
}

/**
 * Answers for each line with the number of lines that were left out before it, or undefined where
 * the line itself is to be left out. `monotonic`: milliseconds of a clock that never goes back.
 */
export function limitedLines(monotonic: () => number, { most, everyMs }: LinesLimit): () => number | undefined {
  let begun = Number.NEGATIVE_INFINITY;
  let written = 0;
  let leftOut = 0;
  return () => {
    const now = monotonic();
    if (now >= begun + everyMs) {
      begun = now;
      written = 0;
    }
    if (written === most) {
      leftOut++;
      return undefined;
    }
    written++;
    const before = leftOut;
    leftOut = 0;
    return before;
  };
}
