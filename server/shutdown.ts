// Ends what was started, in the reverse order: all of it, whatever one of them says.
import type { World } from '../core/world.ts';

export interface Shutdown {
  /** `end` gets what is left of the grace, milliseconds. */
  add(end: (graceMs: number) => Promise<void> | void): void;
  /** `graceMs` is for all of it together. Never rejects. */
  run(graceMs: number): Promise<void>;
}

/** `failed` is told what one of them ended with instead; the others are ended all the same. */
export function createShutdown(world: World, failed: (error: unknown) => void): Shutdown {
  const started: ((graceMs: number) => Promise<void> | void)[] = [];
  return {
    add: end => void started.push(end),
    async run(graceMs) {
      const deadline = world.monotonic() + graceMs;
      for (const end of started.splice(0).reverse()) {
        try {
          await end(Math.max(0, deadline - world.monotonic()));
        } catch (error) {
          failed(error);
        }
      }
    },
  };
}
