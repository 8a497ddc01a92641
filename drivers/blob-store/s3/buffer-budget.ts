// How many bytes of bodies that are being written this process may hold: who needs more waits until others are done, so that slow senders slow down, not memory fills.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';

export interface BufferBudget {
  /** Rejects with `overloaded` when there is no room for too long. What is larger than all there is goes alone. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void>;
  give(bytes: number): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

export function createBufferBudget(world: World, maxBytes: number, waitMs: number): BufferBudget {
  let used = 0;
  const waiting = new Set<Waiting>();
  const fits = (bytes: number) => used === 0 || used + bytes <= maxBytes;

  return {
    take(bytes, signal) {
      if (waiting.size === 0 && fits(bytes)) {
        used += bytes;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const end = () => {
          timer.cancel();
          waiting.delete(mine);
          signal?.removeEventListener('abort', abort);
        };
        const mine: Waiting = {
          bytes,
          admit() {
            end();
            used += bytes;
            resolve();
          },
        };
        const abort = () => {
          end();
          reject(signal?.reason);
        };
        const timer = world.after(waitMs, () => {
          end();
          reject(
            new TenfoldError(
              'overloaded',
              `Bodies of ${used} bytes are being written; ${maxBytes} may be at once, and no room came in ${waitMs} ms.`,
            ),
          );
        });
        waiting.add(mine);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    give(bytes) {
      used -= bytes;
      for (const next of waiting) {
        if (!fits(next.bytes)) return;
        next.admit();
      }
    },
  };
}
