// Wakes those who wait for the next change.
import type { World } from '../../core/world.ts';

export interface Ring {
  /** Resolves when it rings or the time is over; rejects with the signal's reason. */
  within(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface Bell {
  /** Rings that come after this call count. */
  next(): Ring;
  ring(): void;
  /** Wakes everybody. */
  close(): void;
}

export function createBell(world: World): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  const ring = () => {
    rings++;
    for (const wake of waiting) wake();
  };
  return {
    next() {
      const before = rings;
      return {
        within: (ms, signal) =>
          new Promise((resolve, reject) => {
            if (rings !== before) return resolve();
            if (signal?.aborted) return reject(signal.reason);
            const end = () => {
              timer.cancel();
              waiting.delete(wake);
              signal?.removeEventListener('abort', abort);
            };
            const wake = () => {
              end();
              resolve();
            };
            const abort = () => {
              end();
              reject(signal?.reason);
            };
            const timer = world.after(ms, wake);
            waiting.add(wake);
            signal?.addEventListener('abort', abort, { once: true });
          }),
      };
    },
    ring,
    close: ring,
  };
}
