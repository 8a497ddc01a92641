// A World whose time passes only when a test says so.
import type { World } from '../../core/world.ts';

export interface FakeWorld extends World {
  /** Moves time on, running each timer that falls due, in order, with the microtasks it causes. */
  pass(ms: number): Promise<void>;
}

export function createFakeWorld(start = 1_000_000): FakeWorld {
  let now = start;
  let ids = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const settle = () => new Promise<void>(resolve => setImmediate(resolve));
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    id: () => `id-${++ids}`,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    async pass(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.run();
        await settle();
      }
      now = end;
    },
  };
}
