// Reads the whole body of a call into memory, within its own bound and within
// what its endpoint may hold.
import type { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import { fieldOf } from '../http/fields.ts';
import type { IntakeShare } from './intake.ts';
import type { Call } from './target.ts';

export interface Held {
  readonly bytes: Buffer;
  /** To be called when the bytes are no longer needed. */
  release(): void;
}

/**
 * Rejects with `body-too-large` or `overloaded`, before anything is read
 * where the length is announced.
 */
export async function readCallBody(call: Call, maxBytes: number, intake: IntakeShare): Promise<Held> {
  const { body } = call;
  const announced = lengthOf(call);
  if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes);
  if (body === null || typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = body === null ? Buffer.alloc(0) : Buffer.from(body);
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    intake.take(bytes.length);
    return { bytes, release: once(() => intake.give(bytes.length)) };
  }
  return readStream(body, maxBytes, intake);
}

/**
 * Events and a chunk list: an iterator costs twice as much for the small
 * bodies that most events have.
 */
function readStream(stream: Readable, maxBytes: number, intake: IntakeShare): Promise<Held> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // Received bytes count, not announced ones. Otherwise a few clients that send nothing could
    // keep out all others.
    let held = 0;
    const release = once(() => intake.give(held));
    const fail = (error: unknown) => {
      release();
      stream.destroy();
      reject(error);
    };
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge(maxBytes));
      try {
        intake.take(chunk.length);
      } catch (error) {
        return fail(error);
      }
      held = size;
      chunks.push(chunk);
    });
    stream.on('end', () => {
      const [only] = chunks;
      resolve({ bytes: chunks.length === 1 && only ? only : Buffer.concat(chunks, size), release });
    });
    stream.on('error', fail);
    stream.on('close', () => {
      if (!stream.readableEnded)
        fail(new TenfoldError('bad-request', 'The request ended before its body did.', { reason: 'client.left' }));
    });
  });
}

/** Content-Length of the call, where it says one. */
export function lengthOf(call: Call): number | undefined {
  const text = fieldOf(call.headers, 'content-length');
  const length = text === undefined ? Number.NaN : Number(text);
  return Number.isInteger(length) && length >= 0 ? length : undefined;
}

function tooLarge(maxBytes: number): TenfoldError {
  return new TenfoldError('body-too-large', `The body may have at most ${maxBytes} bytes here.`);
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
