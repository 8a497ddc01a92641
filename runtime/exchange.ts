// One request on its way through the process: its response, its body, its invocation,
// and whether it was answered.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { timeForBytes } from '../core/http/least-pace.ts';
import { MAX_INTERNAL_TIMEOUT_MS } from '../core/wire.ts';
import type { BodySource } from '../sdk/kernel/function-request.ts';
import { Invocation, type InvocationHost } from '../sdk/kernel/invocation.ts';
import { knownProblem } from '../sdk/kernel/known-problems.ts';
import { rawHeader } from './raw-headers.ts';

/** One object for all of it, because it is made for every request. */
export class Exchange implements BodySource {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly hasBody: boolean;
  readonly invocation: Invocation;
  /** On the monotonic clock, as is `expiresAt`. */
  readonly startedAt: number;
  readonly timeoutMs: number;
  readonly #maxBytes: number;
  #expiresAt: number;
  #received = 0;
  state: 'waiting' | 'running' | 'answered' = 'waiting';
  #taken = false;
  /** Ends the wait for a body that will not come any more. */
  #breakBody: ((reason: unknown) => void) | undefined;

  constructor(
    host: InvocationHost,
    request: IncomingMessage,
    response: ServerResponse,
    hasBody: boolean,
    startedAt: number,
    timeoutMs: number,
    maxBytes: number,
  ) {
    this.request = request;
    this.response = response;
    this.hasBody = hasBody;
    this.startedAt = startedAt;
    this.timeoutMs = timeoutMs;
    this.#expiresAt = startedAt + timeoutMs;
    this.#maxBytes = maxBytes;
    this.invocation = new Invocation(host, request, this);
  }

  /**
   * The answer must begin until then; one that has begun may go on for as long as any call may
   * take.
   */
  get expiresAt(): number {
    if (!this.response.headersSent) return this.#expiresAt;
    return this.startedAt + Math.max(MAX_INTERNAL_TIMEOUT_MS, this.timeoutMs);
  }

  /** The time stands still while the caller sends. */
  #receive(bytes: number): void {
    const { startedAt, timeoutMs } = this;
    this.#received += bytes;
    const from = Math.min(performance.now(), startedAt + timeForBytes(this.#received));
    this.#expiresAt = Math.min(from + timeoutMs, Math.max(startedAt + MAX_INTERNAL_TIMEOUT_MS, this.#expiresAt));
  }

  /** Aborts the function's signal, and the body if it is still awaited. */
  cancel(reason: unknown): void {
    this.invocation.cancel(reason);
    this.#breakBody?.(reason);
  }

  bytes(): Promise<Buffer> {
    // A body that has ended before it began emits nothing.
    if (this.request.readableEnded && !this.#taken) return Promise.resolve(Buffer.alloc(0));
    return new Promise((resolve, reject) => {
      this.#take('bytes');
      const { request } = this;
      const maxBytes = this.#maxBytes;
      let first: Buffer | undefined;
      let rest: Buffer[] | undefined;
      let size = 0;
      this.#breakBody = reject;
      request.on('data', (chunk: Buffer) => {
        size += chunk.length;
        this.#receive(chunk.length);
        if (size > maxBytes) {
          // The code that answers drains or cuts the rest of the request.
          first = undefined;
          rest = undefined;
          reject(tooLarge(maxBytes));
        } else if (first === undefined) first = chunk;
        else {
          rest ??= [first];
          rest.push(chunk);
        }
      });
      request.on('end', () => resolve(rest ? Buffer.concat(rest, size) : (first ?? Buffer.alloc(0))));
    });
  }

  stream(): Readable {
    this.#take('stream');
    const { request } = this;
    if (request.readableEnded) return request;
    const maxBytes = this.#maxBytes;
    let size = 0;
    const counted = new Transform({
      transform: (chunk: Buffer, _encoding, next) => {
        size += chunk.length;
        this.#receive(chunk.length);
        if (size > maxBytes) next(tooLarge(maxBytes));
        else next(null, chunk);
      },
    });
    this.#breakBody = reason => counted.destroy(reason instanceof Error ? reason : new Error('The body broke off.'));
    counted.on('error', () => request.unpipe(counted));
    return request.pipe(counted);
  }

  #take(as: string): void {
    const declared = rawHeader(this.request.rawHeaders, 'content-length');
    if (declared !== undefined && Number(declared) > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (this.#taken) throw new TypeError(`The body was already taken: ${as}() comes too late.`);
    this.#taken = true;
  }
}

function tooLarge(maxBytes: number): Error {
  return knownProblem('body-too-large', `The body may have at most ${maxBytes} bytes.`);
}
