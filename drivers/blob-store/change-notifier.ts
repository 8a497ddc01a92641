// Wakes those who wait for the next change.
import type { World } from '../../core/world.ts';

export interface ChangeWait {
  /** Resolves at the next change or when the time is over; rejects with the signal's reason. */
  within(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface ChangeNotifier {
  /** Changes after this call count. */
  next(): ChangeWait;
  notify(): void;
  /** Wakes everybody. */
  close(): void;
}

export function createChangeNotifier(world: World): ChangeNotifier {
  let changes = 0;
  const waiting = new Set<() => void>();
  const notify = () => {
    changes++;
    for (const wake of waiting) wake();
  };
  return {
    next() {
      const before = changes;
      return {
        within: (ms, signal) =>
          new Promise((resolve, reject) => {
            if (changes !== before) return resolve();
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
    notify,
    close: notify,
  };
}
