// Removes what has expired, a slice at a time and only when there is something: nothing
// that reads depends on it.
import type { Timer, World } from '../../core/world.ts';

export interface SweeperOptions {
  readonly world: World;
  /** The clock that `nextExpiry` is told by. */
  now(): number;
  nextExpiry(): Promise<number | undefined>;
  /** Removes a slice; whether there may be more. */
  sweep(): Promise<boolean>;
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;
/** Between two slices, so that others come first. */
const PAUSE_MS = 5;

export function startSweeper({ world, now, nextExpiry, sweep }: SweeperOptions): { close(): Promise<void> } {
  let timer: Timer | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  const waitFor = (ms: number) => {
    if (closed) return;
    timer = world.after(ms, () => {
      running = look();
    });
  };
  const look = async () => {
    try {
      const next = await nextExpiry();
      const wait = next === undefined ? LONGEST_MS : next - now();
      if (wait > 0) return waitFor(Math.min(Math.max(wait, SHORTEST_MS), LONGEST_MS));
      waitFor((await sweep()) ? PAUSE_MS : SHORTEST_MS);
    } catch {
      // A database that cannot be reached is told of by those who need it.
      waitFor(LONGEST_MS);
    }
  };
  waitFor(SHORTEST_MS);
  return {
    async close() {
      closed = true;
      timer?.cancel();
      await running;
    },
  };
}
