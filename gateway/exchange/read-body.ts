// Reads the whole body of a request, for the steps that need it; it can then
// be sent as often as needed.
import type { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import type { Exchange } from './exchange.ts';

/**
 * The body's bytes, at most `maxBytes`; rejects with `body-too-large`. Ends with the
 * exchange when the client leaves.
 */
export async function readBody(exchange: Exchange, maxBytes: number): Promise<Buffer> {
  const { body } = exchange;
  if (body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  const bytes = await collect(body, maxBytes);
  exchange.request.setBody(bytes);
  return bytes;
}

/** The bytes of a stream, at most `maxBytes`; rejects with `body-too-large`. */
export async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new TenfoldError('body-too-large', `The body may have at most ${maxBytes} bytes here.`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}
