// Waits until a client has read an answer that was fetched ahead of it: until then the answer is in
// memory for this client alone.
import type { Writable } from 'node:stream';
import type { Timer, World } from '../../core/world.ts';

/**
 * A client that has not read all of at most 8 MiB after so long is cut off. Otherwise a few such
 * clients would take everybody's room.
 */
export const READING_MS = 60_000;

/**
 * Calls `then` exactly once: at once when nothing is left to be sent. `remainingMs`: until
 * the deadline of the request.
 */
export function whenRead(world: World, response: Writable, remainingMs: number, then: () => void): void {
  if (response.destroyed || response.writableLength === 0) {
    then();
    return;
  }
  const timer: Timer = world.after(Math.max(remainingMs, READING_MS), () => response.destroy());
  response.once('close', () => {
    timer.cancel();
    then();
  });
}
