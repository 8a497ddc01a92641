// Reads and drops what still comes of a body after its request was answered.
import type { IncomingMessage } from 'node:http';

/** So much is read, for the answer to reach a client that is still sending; then the connection is cut. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

export function discardRest(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
  request.resume();
}
