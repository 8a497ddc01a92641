// A World whose time stands still while this process does: no time limit runs out because the
// machine was busy, and what is to answer in time gets its turn first.
import { realWorld, type World } from '../../core/world.ts';

export interface SteadyWorld extends World {
  /** Time that has passed without it, because the process stood still: the longest at once. */
  readonly longestGapMs: number;
  stop(): void;
}

const TICK_MS = 5;
/** A tick moves time on by so much at most, however late it is. */
const MOST_MS = 25;

export function startSteadyWorld(): SteadyWorld {
  let now = 0;
  let ticked = performance.now();
  let longestGapMs = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const ticking = setInterval(() => {
    const passed = performance.now() - ticked;
    ticked += passed;
    longestGapMs = Math.max(longestGapMs, passed);
    now += Math.min(passed, MOST_MS);
    const due = [...timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (timers.delete(timer)) timer.run();
  }, TICK_MS).unref();
  const began = Date.now();
  return {
    ...realWorld,
    now: () => began + Math.floor(now),
    monotonic: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    get longestGapMs() {
      return longestGapMs;
    },
    stop: () => clearInterval(ticking),
  };
}
