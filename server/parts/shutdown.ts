// Ends started parts in the reverse order: all of them, whatever one of them answers, or if it does
// not answer.
import type { World } from '../../core/world.ts';

export interface Shutdown {
  /** `end` gets the rest of the grace, milliseconds. */
  add(end: (graceMs: number) => Promise<void> | void): void;
  /** `graceMs` is for all of it together. Never rejects. */
  run(graceMs: number): Promise<void>;
}

/** The time for work that takes longer than the grace; Kubernetes kills pods 15 s after theirs. */
const LATE_MS = 10_000;
/** Each gets as long, however late it is. */
const LEAST_MS = 500;

/** `failed` gets the error of a part that did not end; the others are ended all the same. */
export function createShutdown(world: World, failed: (error: unknown) => void): Shutdown {
  const started: ((graceMs: number) => Promise<void> | void)[] = [];
  return {
    add: end => void started.push(end),
    async run(graceMs) {
      const deadline = world.monotonic() + graceMs;
      for (const end of started.splice(0).reverse()) {
        const left = deadline - world.monotonic();
        const most = Math.max(LEAST_MS, left + LATE_MS);
        const late = Promise.withResolvers<void>();
        const timer = world.after(most, () => late.reject(new Error(`It has not ended within ${Math.ceil(most)} ms.`)));
        try {
          await Promise.race([end(Math.max(0, left)), late.promise]);
        } catch (error) {
          failed(error);
        }
        timer.cancel();
      }
    },
  };
}
