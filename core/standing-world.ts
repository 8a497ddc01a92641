// A world whose time can stand still: its monotonic clock and its timers. Its wall clock goes on.
import type { Timer, World } from './world.ts';

export interface StandingWorld {
  readonly world: World;
  /** Both do nothing where it is so already. */
  stand(): void;
  goOn(): void;
}

interface Pending {
  /** By the clock that stands still. */
  readonly dueAt: number;
  readonly run: () => void;
  /** Undefined while the time stands still. */
  timer: Timer | undefined;
}

export function createStandingWorld(real: World): StandingWorld {
  const pending = new Set<Pending>();
  let stoodMs = 0;
  /** By the real clock; undefined while the time goes on. */
  let standsSince: number | undefined;
  const monotonic = () => (standsSince ?? real.monotonic()) - stoodMs;

  function arm(one: Pending): void {
    one.timer = real.after(Math.max(0, one.dueAt - monotonic()), () => {
      pending.delete(one);
      one.run();
    });
  }

  return {
    world: {
      ...real,
      monotonic,
      after(ms, run) {
        const one: Pending = { dueAt: monotonic() + ms, run, timer: undefined };
        pending.add(one);
        if (standsSince === undefined) arm(one);
        return {
          cancel() {
            pending.delete(one);
            one.timer?.cancel();
          },
        };
      },
    },
    stand() {
      if (standsSince !== undefined) return;
      standsSince = real.monotonic();
      for (const one of pending) one.timer?.cancel();
    },
    goOn() {
      if (standsSince === undefined) return;
      stoodMs += real.monotonic() - standsSince;
      standsSince = undefined;
      // A timer that is added meanwhile runs already.
      for (const one of [...pending]) arm(one);
    },
  };
}
