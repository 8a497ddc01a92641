// A function with a limit never has more calls at a time, whoever calls it. It counts from when a
// call arrives until its work is done, whether anybody waits for that or not.
import { LIMIT } from '../site/application.ts';

export interface Budget {
  readonly wrong: readonly string[];
  /** The most that there were at a time. */
  readonly most: number;
  begins(what: string): CountedCall;
}

export interface CountedCall {
  /** Nobody waits for it any more. */
  left(): void;
  ends(): void;
}

/** `seconds`: since the start, so that it can be found beside what was broken. */
export function createBudget(seconds: () => number): Budget {
  const wrong: string[] = [];
  const working = new Map<number, string>();
  let most = 0;
  let count = 0;
  const now = () => `${seconds().toFixed(1)} s`;
  return {
    wrong,
    get most() {
      return most;
    },
    begins(what) {
      const call = ++count;
      working.set(call, `${what} since ${now()}`);
      most = Math.max(most, working.size);
      if (working.size > LIMIT)
        wrong.push(`${working.size} calls at a time, ${LIMIT} are allowed: ${[...working.values()].join(', ')}`);
      return {
        left() {
          const before = working.get(call);
          if (before !== undefined) working.set(call, `${before} (left by its caller at ${now()})`);
        },
        ends: () => void working.delete(call),
      };
    },
  };
}
