// How long ago each Function was last called, or began to answer, by our own clock: those of other
// machines may differ.
import type { World } from '../../../core/world.ts';

export interface IdleTracker {
  /**
   * Milliseconds since both values last changed. A Function that is seen for the first time was
   * called just now. Calls that waited for a Function to wake were reported before.
   */
  since(key: string, calledAt: string | undefined, answers: boolean): number;
  forget(key: string): void;
}

export function createIdleTracker(world: World): IdleTracker {
  const seen = new Map<
    string,
    { readonly calledAt: string | undefined; readonly answers: boolean; readonly at: number }
  >();
  return {
    since(key, calledAt, answers) {
      const before = seen.get(key);
      const now = world.monotonic();
      if (before && before.calledAt === calledAt && before.answers === answers) return now - before.at;
      seen.set(key, { calledAt, answers, at: now });
      return 0;
    },
    forget: key => void seen.delete(key),
  };
}
