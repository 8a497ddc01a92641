// Applies retention again and again, one run at a time; a run that fails is tried again at the next turn.
import type { World } from '../../../core/world.ts';

export interface Retention {
  /** Resolves once the run under way has ended. */
  close(): Promise<void>;
}

export function startRetention(world: World, everyMs: number, run: () => Promise<void>): Retention {
  let isClosed = false;
  let running = Promise.resolve();
  const schedule = () => {
    if (isClosed) return;
    timer = world.after(everyMs, () => {
      running = run().then(schedule, schedule);
    });
  };
  let timer = world.after(everyMs, () => {});
  timer.cancel();
  schedule();
  return {
    async close() {
      isClosed = true;
      timer.cancel();
      await running;
    },
  };
}
