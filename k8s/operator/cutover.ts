// How long it has been said that a Function is elsewhere now: what ran it before goes only when nobody calls it there any more.
import type { World } from '../../core/world.ts';

export interface Cutover {
  /** Milliseconds until who follows what is said calls it at `url`; 0: they do. `said`: where its status says that it is. */
  left(uid: string, said: string | undefined, url: string | undefined): number;
  forget(uid: string): void;
}

/** Gateways follow within a second, leave connections that they have to a Service within two, and most calls have ended by then. */
export const CUTOVER_MS = 10_000;

export function createCutover(world: World, settleMs = CUTOVER_MS): Cutover {
  const moved = new Map<string, { readonly url: string | undefined; readonly at: number }>();
  return {
    left(uid, said, url) {
      if (said !== url) {
        moved.delete(uid);
        return settleMs;
      }
      const now = world.monotonic();
      const known = moved.get(uid);
      if (known && known.url === url) return Math.max(0, known.at + settleMs - now);
      moved.set(uid, { url, at: now });
      return settleMs;
    },
    forget: uid => void moved.delete(uid),
  };
}
