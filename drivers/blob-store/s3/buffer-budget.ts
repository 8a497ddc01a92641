// Limits the bytes of bodies that this process holds while it writes them. A writer that needs more
// waits until others are done, so that slow senders slow down instead of filling memory.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';

export interface BufferBudget {
  /** For one body. */
  open(): BufferShare;
}

export interface BufferShare {
  /** Rejects with `overloaded` when there is no room for too long. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void>;
  /** So many of those taken are on their way, and will be given back whatever else happens. */
  send(bytes: number): void;
  /** They have arrived. */
  sent(bytes: number): void;
  /** Gives back what is not on its way. */
  close(): void;
}

interface Waiting {
  readonly bytes: number;
  admit(): void;
}

interface Held {
  filling: number;
  sending: number;
  waiting: Waiting | undefined;
}

export function createBufferBudget(world: World, maxBytes: number, waitMs: number): BufferBudget {
  let used = 0;
  const shares = new Set<Held>();
  const queue = new Set<Waiting>();
  const fits = (bytes: number) => used === 0 || used + bytes <= maxBytes;

  function admitNext(): void {
    for (const next of queue) {
      if (!fits(next.bytes)) break;
      next.admit();
    }
    // When everybody waits for everybody, the one that is nearest to sending what it holds goes on,
    // beyond the budget by one part at most.
    if (queue.size === 0) return;
    let fullest: Held | undefined;
    for (const share of shares) {
      if (share.sending > 0 || (share.filling > 0 && !share.waiting)) return;
      if (share.waiting && share.filling >= (fullest?.filling ?? 0)) fullest = share;
    }
    fullest?.waiting?.admit();
  }

  return {
    open() {
      const held: Held = { filling: 0, sending: 0, waiting: undefined };
      shares.add(held);
      let closed = false;
      const add = (bytes: number) => {
        used += bytes;
        held.filling += bytes;
      };
      return {
        take(bytes, signal) {
          if (queue.size === 0 && fits(bytes)) {
            add(bytes);
            return Promise.resolve();
          }
          return new Promise((resolve, reject) => {
            const end = () => {
              timer.cancel();
              queue.delete(waiting);
              held.waiting = undefined;
              signal?.removeEventListener('abort', abort);
            };
            const waiting: Waiting = {
              bytes,
              admit() {
                end();
                add(bytes);
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
            held.waiting = waiting;
            queue.add(waiting);
            signal?.addEventListener('abort', abort, { once: true });
            admitNext();
          });
        },
        send(bytes) {
          held.filling -= bytes;
          held.sending += bytes;
        },
        sent(bytes) {
          held.sending -= bytes;
          used -= bytes;
          if (closed && held.sending === 0) shares.delete(held);
          admitNext();
        },
        close() {
          closed = true;
          used -= held.filling;
          held.filling = 0;
          // `sent` gives back the bytes that are being sent.
          if (held.sending === 0) shares.delete(held);
          admitNext();
        },
      };
    },
  };
}
