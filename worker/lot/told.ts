// Which source offsets a commit says are done, asked in ascending order.
import type { Commit } from './commit.ts';

export interface Told {
  /** Whether all that is asked from here on is new. */
  readonly passed: boolean;
  isDone(offset: number): boolean;
}

export function createTold(commit: Commit): Told {
  const { position, top, holes } = commit;
  let next = 0;
  let passed = position >= top;
  return {
    get passed() {
      return passed;
    },
    isDone(offset) {
      if (offset >= top) {
        passed = true;
        return false;
      }
      while ((holes[next] ?? offset) < offset) next++;
      return holes[next] !== offset;
    },
  };
}
