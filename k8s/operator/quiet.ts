// How long ago each Function was last heard to be called, by our own clock: those of other machines may differ.
import type { World } from '../../core/world.ts';

export interface Quiet {
  /** Since `calledAt` was first seen to be what it is; a Function that is seen for the first time was called just now. */
  since(key: string, calledAt: string | undefined): number;
  forget(key: string): void;
}

export function createQuiet(world: World): Quiet {
  const seen = new Map<string, { readonly calledAt: string | undefined; readonly at: number }>();
  return {
    since(key, calledAt) {
      const before = seen.get(key);
      const now = world.monotonic();
      if (before && before.calledAt === calledAt) return now - before.at;
      seen.set(key, { calledAt, at: now });
      return 0;
    },
    forget: key => void seen.delete(key),
  };
}
