// Connections on which the last answer has been given: nothing that follows is taken for a request,
// and what a client still sends is dropped.
import type { Socket } from 'node:net';
import type { World } from '../world.ts';

/**
 * So much is read, for the answer to reach a client that is still sending;
 * then the connection is cut.
 */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;
/** How long that may take, milliseconds. */
const MAX_DROPPING_MS = 30_000;

/** One for a listener. */
export interface LastAnswers {
  /** The answer that is given now is the last one: it must say `Connection: close`. */
  add(socket: Socket): void;
  has(socket: Socket): boolean;
}

export function createLastAnswers(world: Pick<World, 'after'>): LastAnswers {
  const ended = new WeakSet<Socket>();
  return {
    add(socket) {
      if (ended.has(socket)) return;
      ended.add(socket);
      // node:http calls this when the answer has been written. It would close at once, and
      // the reset that a client gets which still sends would throw away the answer before
      // that is read (RFC 9112 §9.6).
      socket.destroySoon = () => closeGently(socket, world);
    },
    has: socket => ended.has(socket),
  };
}

function closeGently(socket: Socket, world: Pick<World, 'after'>): void {
  if (socket.destroyed) return;
  socket.end();
  // No parser sees any of it.
  socket.removeAllListeners('data');
  let bytes = 0;
  const timer = world.after(MAX_DROPPING_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
  socket.once('end', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DROPPED_BYTES) socket.destroy();
  });
  socket.resume();
}
