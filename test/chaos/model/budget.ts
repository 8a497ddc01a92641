// A function with a limit never has more calls at a time, whoever calls it. It counts from when a call arrives until its work is done, whether anybody waits for that or not.
import { LIMIT } from '../site/application.ts';

export interface Budget {
  readonly wrong: readonly string[];
  /** The most that there were at a time. */
  readonly most: number;
  /** Answers with what to call when the work is done. */
  begins(what: string): () => void;
}

/** `seconds`: since the start, so that it can be found beside what was broken. */
export function createBudget(seconds: () => number): Budget {
  const wrong: string[] = [];
  const working = new Set<string>();
  let most = 0;
  let count = 0;
  return {
    wrong,
    get most() {
      return most;
    },
    begins(what) {
      const call = `${what} (call ${++count} at ${seconds().toFixed(1)} s)`;
      working.add(call);
      most = Math.max(most, working.size);
      if (working.size > LIMIT)
        wrong.push(`${working.size} calls at a time, ${LIMIT} are allowed: ${[...working].join(', ')}`);
      return () => void working.delete(call);
    },
  };
}
