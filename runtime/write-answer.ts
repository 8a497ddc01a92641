// Writes an answer to a response: whole bodies in one piece, streams with back-pressure.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, StreamBody } from '../sdk/kernel/to-answer.ts';

const NO_BODY = new Set([204, 205, 304]);

export type WholeBody = string | Uint8Array | undefined;

export function isWhole(body: Answer['body']): body is WholeBody {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array;
}

/** For complete bodies. Throws when a header is not valid; nothing has been sent then. */
export function writeWhole(response: ServerResponse, answer: Answer, body: WholeBody, close: boolean): void {
  const { status, headers } = answer;
  if (close) headers.push('connection', 'close');
  if (body === undefined || NO_BODY.has(status)) {
    if (!NO_BODY.has(status) && !hasHeader(headers, 'content-length')) headers.push('content-length', '0');
    response.writeHead(status, headers);
    response.end();
    return;
  }
  // writeHead and end(string) leave in one packet; with a length they are not chunked.
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // A new array of the right size: growing the given one would leave five times
  // its size to the collector.
  response.writeHead(status, [...headers, 'content-length', String(length)]);
  // The text has as many bytes as characters: it is ASCII, which Latin-1 writes without looking at
  // each character.
  if (typeof body === 'string' && length === body.length) response.end(body, 'latin1');
  else response.end(body);
}

/**
 * Sends a stream. Rejects when it fails. Before its first chunk nothing has been sent and another
 * answer is possible (`response.headersSent` says so). Later the connection must be cut, so that
 * the client does not take it for complete. `closes` is asked as it begins. `onFailure` is called
 * at the moment the source fails, and not when the client has gone.
 */
export async function writeStream(
  response: ServerResponse,
  answer: Answer,
  body: StreamBody,
  closes: () => boolean,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const iterator = body[Symbol.asyncIterator]();
  const first = next(iterator, onFailure);
  // A stream that fails at once still gets a proper answer; one that takes longer (server-sent
  // events) gets its headers out now.
  const early = await Promise.race([first, new Promise<'later'>(resolve => setImmediate(resolve, 'later'))]);
  if (response.headersSent || response.destroyed) {
    await iterator.return?.();
    return;
  }
  if (closes()) answer.headers.push('connection', 'close');
  response.writeHead(answer.status, answer.headers);
  if (early === 'later') response.flushHeaders();
  await pipeline(Readable.from(resume(first, iterator, onFailure)), response);
}

async function* resume(
  first: Promise<IteratorResult<unknown>>,
  iterator: AsyncIterator<unknown>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<unknown> {
  try {
    for (let step = await first; !step.done; step = await next(iterator, onFailure)) yield step.value;
  } finally {
    await iterator.return?.();
  }
}

async function next(
  iterator: AsyncIterator<unknown>,
  onFailure: (error: unknown) => void,
): Promise<IteratorResult<unknown>> {
  try {
    const step = await iterator.next();
    if (step.done || typeof step.value === 'string' || step.value instanceof Uint8Array) return step;
    throw new TypeError(`A stream gives strings or bytes; this one gave a value of type ${typeof step.value}.`);
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

function hasHeader(headers: readonly string[], name: string): boolean {
  for (let index = 0; index < headers.length; index += 2) if (headers[index]?.toLowerCase() === name) return true;
  return false;
}

/**
 * Cuts a response that can no longer be finished; the client sees a broken
 * connection instead of a short body.
 */
export function cut(request: IncomingMessage, response: ServerResponse): void {
  response.destroy();
  request.socket.destroy();
}
