// The body of an incoming request as a stream of its own: when the upstream fails and destroys it,
// the client's connection lives on.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export class BodyStream extends Readable {
  readonly #request: IncomingMessage;
  /** A reader wants more of it than has come. */
  #wanted = false;

  /** `received`: told of each part as it comes. */
  constructor(request: IncomingMessage, received: (bytes: number) => void) {
    super({ highWaterMark: 65_536 });
    this.#request = request;
    request.on('data', chunk => {
      received(chunk.length);
      if (this.destroyed || this.push(chunk)) return;
      this.#wanted = false;
      request.pause();
    });
    request.on('end', () => {
      if (!this.destroyed) this.push(null);
    });
    request.on('error', error => this.destroy(error));
    request.on('aborted', () => this.destroy(new Error('the client left before its request was complete')));
    request.pause();
  }

  /** Whether the client holds it up, rather than its reader. */
  get waitsForClient(): boolean {
    return this.#wanted && !this.#request.complete;
  }

  override _read(): void {
    this.#wanted = true;
    this.#request.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Bytes that still arrive are read and dropped, so that the answer can be sent on the same
    // connection.
    this.#request.resume();
    done(error);
  }
}
