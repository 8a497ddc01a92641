// Sends a streamed body as fast as the connection takes it: with the length that its head
// announced, or in chunks (RFC 9112 §7.1).

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { counted } from '../../../core/units/counted.ts';
import { TransportError } from '../transport-error.ts';

export interface BodyEnd {
  /** All of it is with the socket. */
  sent(): void;
  failed(error: Error): void;
}

/**
 * The owner of `body` handles its errors. `length`: undefined for chunks. Returns the function that
 * stops it; after that neither end is called.
 */
export function sendBody(socket: Socket, body: Readable, length: number | undefined, end: BodyEnd): () => void {
  let sent = 0;
  const stop = () => {
    body.off('data', onData).off('end', onEnd).off('close', onClose);
    socket.off('drain', onDrain);
  };
  const fail = (error: Error) => {
    stop();
    end.failed(error);
  };
  const onData = (chunk: Buffer | string) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (bytes.length === 0) return;
    sent += bytes.length;
    if (length !== undefined && sent > length) return fail(mismatch(length));
    if (!writeChunk(socket, bytes, length === undefined)) body.pause();
  };
  const onDrain = () => void body.resume();
  const onEnd = () => {
    if (length !== undefined && sent < length) return fail(mismatch(length));
    stop();
    if (length === undefined) socket.write('0\r\n\r\n', 'latin1');
    end.sent();
  };
  const onClose = () => fail(new TransportError('ECONNRESET', 'The body of the request ended before it was whole.'));
  body.on('close', onClose).on('data', onData).on('end', onEnd);
  socket.on('drain', onDrain);
  if (body.destroyed) onClose();
  return stop;
}

function writeChunk(socket: Socket, bytes: Buffer, chunked: boolean): boolean {
  if (!chunked) return socket.write(bytes);
  socket.cork();
  socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
  socket.write(bytes);
  const more = socket.write('\r\n', 'latin1');
  socket.uncork();
  return more;
}

function mismatch(length: number): TransportError {
  return new TransportError(
    'EINVAL',
    `The body of the request does not have the ${counted(length, 'byte')} that ${length === 1 ? 'was' : 'were'} announced.`,
  );
}
