// One connection: writes a request, hands its answer to the exchange, and goes back to its pool
// only when nothing is left over.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { isLastOfConnection } from '../transport.ts';
import { TransportError } from '../transport-error.ts';
import type { Carrier, InFlightExchange } from './in-flight-exchange.ts';
import type { ParsedResponseHead } from './response-head.ts';
import { ResponseParser, type ResponseReceiver } from './response-parser.ts';
import { sendBody } from './send-body.ts';

/** The pool: it gets the connection back when it is free, and learns when it is gone. */
export interface ConnectionOwner {
  released(connection: Connection, keepAliveSeconds: number | undefined): void;
  closed(connection: Connection): void;
}

/**
 * A body up to this size goes out in one piece with its head: joining costs
 * less than a second piece.
 */
const MAX_JOINED_BYTES = 16_384;

/** A class, as it is one object with a lifecycle per socket. */
export class Connection implements Carrier, ResponseReceiver {
  /**
   * Moment until which it may be taken while it is free, of the monotonic clock in milliseconds.
   */
  freeUntil = 0;
  /** Moment from which it is not taken again, however busy it is. */
  endsAt = Number.POSITIVE_INFINITY;
  readonly #owner: ConnectionOwner;
  readonly #parser = new ResponseParser(this);
  #socket: Socket | undefined;
  #exchange: InFlightExchange | undefined;
  #head: ParsedResponseHead | undefined;
  #stopBody: (() => void) | undefined;
  #paused = false;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  /** It is on its way. */
  opening(socket: Socket): void {
    this.#socket = socket;
  }

  /** It is connected. */
  open(socket: Socket): void {
    socket.on('error', error => this.#fail(error));
    socket.on('end', () => this.#ended());
    socket.on('close', () => {
      this.#fail(new TransportError('ECONNRESET', 'The connection was closed before the answer was whole.'));
      this.#socket = undefined;
      this.#owner.closed(this);
    });
  }

  get usable(): boolean {
    return this.#socket?.writable === true && this.#exchange === undefined;
  }

  /** False when the exchange does not want to begin any more; the connection is then as it was. */
  start(exchange: InFlightExchange): boolean {
    const socket = this.#socket;
    if (!socket || !exchange.begin(this)) return false;
    const { request, head } = exchange;
    const { method, body, upgrade } = request;
    this.#exchange = exchange;
    this.#parser.begin(method === 'HEAD', Boolean(upgrade));
    if (body === null) socket.write(head.text, 'latin1');
    else if (body instanceof Readable) {
      socket.write(head.text, 'latin1');
      this.#stopBody = sendBody(socket, body, head.length, {
        sent: () => {
          this.#stopBody = undefined;
        },
        failed: error => exchange.fail(error),
      });
    } else writeWhole(socket, head.text, typeof body === 'string' ? Buffer.from(body) : body);
    return true;
  }

  /** Bytes from the socket; the memory is used again after the call. False: no more for now. */
  receive(data: Buffer, length: number): boolean {
    const exchange = this.#exchange;
    if (!exchange) {
      // No request is open, so these bytes could be taken for the answer to a later one.
      this.destroy();
      return false;
    }
    try {
      const at = this.#parser.execute(data, 0, length);
      if (this.#exchange === exchange && this.#parser.done) {
        if (this.#head?.status === 101) this.#changeProtocol(exchange, data, at, length);
        else this.#finish(exchange, at === length);
      }
    } catch (error) {
      this.#fail(error);
    }
    return !this.#paused;
  }

  onHead(head: ParsedResponseHead): void {
    this.#head = head;
    const exchange = this.#exchange;
    if (!exchange) return;
    exchange.rawHeaders = head.fields;
    if (head.status !== 101) exchange.handler.onResponseStart(exchange, head.status);
  }

  onBody(data: Buffer, from: number, to: number): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    const bytes = Buffer.allocUnsafe(to - from);
    data.copy(bytes, 0, from, to);
    exchange.handler.onResponseData(exchange, bytes);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket?.resume();
  }

  cut(): void {
    this.#exchange = undefined;
    this.destroy();
  }

  destroy(): void {
    this.#parser.stop();
    this.#stopBody?.();
    this.#stopBody = undefined;
    this.#socket?.destroy();
  }

  /** The answer is whole. */
  #finish(exchange: InFlightExchange, nothingBehind: boolean): void {
    const head = this.#head;
    const reusable = nothingBehind && this.#stopBody === undefined && isReusable(exchange, head);
    this.#exchange = undefined;
    this.resume();
    // First, so that what the answer sets off finds it free.
    if (reusable) this.#owner.released(this, head?.keepAliveSeconds);
    else this.destroy();
    exchange.end();
  }

  #changeProtocol(exchange: InFlightExchange, data: Buffer, at: number, length: number): void {
    const socket = this.#socket;
    const { onRequestUpgrade } = exchange.handler;
    if (!socket || !onRequestUpgrade || !this.#head) {
      this.#fail(new TransportError('EPROTO', 'The call does not take a 101.'));
      return;
    }
    this.#exchange = undefined;
    exchange.upgraded();
    socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('end');
    socket.pause();
    if (at < length) socket.unshift(Buffer.from(data.subarray(at, length)));
    onRequestUpgrade.call(exchange.handler, exchange, 101, this.#head.fields, socket);
  }

  #ended(): void {
    const exchange = this.#exchange;
    try {
      if (exchange) {
        this.#parser.finish();
        this.#finish(exchange, false);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.destroy();
  }

  #fail(error: unknown): void {
    if (this.#exchange) this.#exchange.fail(error);
    else this.destroy();
  }
}

function isReusable({ head, request }: InFlightExchange, answer: ParsedResponseHead | undefined): boolean {
  if (isLastOfConnection(request) || !head.keepAlive || !answer?.keepAlive) return false;
  // An answer that must have no body and announces one may have it all the same.
  const bodiless = answer.status === 204 || answer.status === 304;
  return !bodiless || (!answer.chunked && !answer.contentLength);
}

function writeWhole(socket: Socket, head: string, body: Buffer): void {
  if (body.length === 0) socket.write(head, 'latin1');
  else if (body.length <= MAX_JOINED_BYTES) socket.write(head + body.toString('latin1'), 'latin1');
  else {
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }
}
