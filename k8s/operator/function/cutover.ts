// Measures how long the status of a Function has named its new address. The workload before goes
// only when no caller uses it any more.
import type { World } from '../../../core/world.ts';

export interface Cutover {
  /**
   * Milliseconds until gateways that follow the status call it at `url`; 0: they do. `said`: the
   * address in its status.
   */
  left(uid: string, said: string | undefined, url: string | undefined): number;
  forget(uid: string): void;
}

/**
 * Gateways follow within a second, leave connections that they have to a Service within two, and
 * most calls have ended by then.
 */
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
