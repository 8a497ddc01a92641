// One request under way: what its receiver holds to slow it down or give it up, and what
// its connection knows of it.
import { Readable } from 'node:stream';
import type { UpstreamControl, UpstreamHandler, UpstreamRequest } from '../transport.ts';
import type { SerializedHead } from './request-head.ts';

/** What carries it. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** The exchange is over before its answer is whole: nothing else may use this connection. */
  cut(): void;
}

/** A class, as it is one object with a lifecycle per request. */
export class InFlightExchange implements UpstreamControl {
  readonly request: UpstreamRequest;
  readonly head: SerializedHead;
  readonly handler: UpstreamHandler;
  rawHeaders: string[] | null = null;
  #carrier: Carrier | undefined;
  #over = false;

  constructor(request: UpstreamRequest, head: SerializedHead, handler: UpstreamHandler) {
    this.request = request;
    this.head = head;
    this.handler = handler;
    // This also holds before it begins and after its end: the stream's owner may destroy it at any
    // time.
    if (request.body instanceof Readable) request.body.on('error', error => this.fail(error));
  }

  /** Answered, failed or given up: its handler is not called any more. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * From here on it may be slowed down and given up. False when its receiver
   * does not want it any more.
   */
  begin(carrier: Carrier): boolean {
    try {
      this.handler.onRequestStart(this);
    } catch (error) {
      this.fail(error);
    }
    if (this.#over) return false;
    this.#carrier = carrier;
    return true;
  }

  pause(): void {
    this.#carrier?.pause();
  }

  resume(): void {
    this.#carrier?.resume();
  }

  abort(reason: Error): void {
    this.fail(reason);
  }

  /** Ends it without an answer, or without the rest of one. */
  fail(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const carrier = this.#carrier;
    this.#carrier = undefined;
    carrier?.cut();
    // A body of which nothing was sent can be sent elsewhere.
    if (carrier) this.#endBody();
    this.handler.onResponseError(this, reason instanceof Error ? reason : new Error(String(reason)));
  }

  /** Its answer is whole, and its connection no longer its own. */
  end(): void {
    this.#over = true;
    this.#carrier = undefined;
    this.#endBody();
    try {
      this.handler.onResponseEnd(this);
    } catch (error) {
      this.handler.onResponseError(this, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The connection speaks another protocol from now on. */
  upgraded(): void {
    this.#over = true;
    this.#carrier = undefined;
  }

  /** Ends the rest of a request body that nobody reads any more. */
  #endBody(): void {
    const { body } = this.request;
    if (body instanceof Readable && !body.readableEnded) body.destroy();
  }
}
