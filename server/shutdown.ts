// Ends what was started, in the reverse order.
import type { World } from '../core/world.ts';

export interface Shutdown {
  /** `end` gets what is left of the grace, milliseconds. */
  add(end: (graceMs: number) => Promise<void> | void): void;
  /** `graceMs` is for all of it together. */
  run(graceMs: number): Promise<void>;
}

export function createShutdown(world: World): Shutdown {
  const started: ((graceMs: number) => Promise<void> | void)[] = [];
  return {
    add: end => void started.push(end),
    async run(graceMs) {
      const deadline = world.monotonic() + graceMs;
      for (const end of started.splice(0).reverse()) await end(Math.max(0, deadline - world.monotonic()));
    },
  };
}
