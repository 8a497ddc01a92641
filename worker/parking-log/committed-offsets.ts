// The source offsets that a commit says are done, asked in ascending order.
import type { Commit } from './commit.ts';

export interface CommittedOffsets {
  /** Whether all offsets from here on are new. */
  readonly passed: boolean;
  isDone(offset: number): boolean;
}

export function committedOffsetsOf(commit: Commit): CommittedOffsets {
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
