// The body of one request, at most so large; counted while it arrives, whatever its Content-Length says.
import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import type { BodySource } from '../sdk/kernel/function-request.ts';
import { knownProblem } from '../sdk/kernel/known-problems.ts';
import { rawHeader } from './raw-headers.ts';

export class RequestBody implements BodySource {
  readonly #message: IncomingMessage;
  readonly #maxBytes: number;
  taken = false;

  constructor(message: IncomingMessage, maxBytes: number) {
    this.#message = message;
    this.#maxBytes = maxBytes;
  }

  bytes(): Promise<Buffer> {
    const message = this.#message;
    const maxBytes = this.#maxBytes;
    if (this.#isDeclaredTooLarge()) return Promise.reject(tooLarge(maxBytes));
    if (this.taken) return Promise.reject(new TypeError('The body was already taken as a stream.'));
    this.taken = true;
    return new Promise((resolve, reject) => {
      let first: Buffer | undefined;
      let rest: Buffer[] | undefined;
      let size = 0;
      message.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) {
          // Whoever answers drains or cuts what still comes.
          first = undefined;
          rest = undefined;
          reject(tooLarge(maxBytes));
        } else if (first === undefined) first = chunk;
        else {
          rest ??= [first];
          rest.push(chunk);
        }
      });
      message.on('end', () => resolve(rest ? Buffer.concat(rest, size) : (first ?? Buffer.alloc(0))));
      message.on('error', reject);
    });
  }

  stream(): Readable {
    if (this.#isDeclaredTooLarge()) throw tooLarge(this.#maxBytes);
    if (this.taken) throw new TypeError('The body was already taken: use one of stream(), bytes(), text() and json().');
    this.taken = true;
    const maxBytes = this.#maxBytes;
    let size = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        size += chunk.length;
        if (size > maxBytes) next(tooLarge(maxBytes));
        else next(null, chunk);
      },
    });
    this.#message.on('error', error => counted.destroy(error));
    counted.on('error', () => this.#message.unpipe(counted));
    return this.#message.pipe(counted);
  }

  #isDeclaredTooLarge(): boolean {
    const declared = rawHeader(this.#message.rawHeaders, 'content-length');
    return declared !== undefined && Number(declared) > this.#maxBytes;
  }
}

export function tooLarge(maxBytes: number): Error {
  return knownProblem('body-too-large', `The body may have at most ${maxBytes} bytes.`);
}

/** What is still read of a body that nobody wants, so that the answer reaches a client that is still sending. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** Reads and drops the rest of a body after its request was answered; cuts the connection when it does not end. */
export function discardRest(message: IncomingMessage): void {
  if (message.complete) return;
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BYTES) message.socket.destroy();
  });
  message.resume();
}
