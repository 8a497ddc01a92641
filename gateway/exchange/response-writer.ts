// Writes one answer to the client: added fields, the filters of steps, and
// backpressure towards the upstream.
import type { ServerResponse } from 'node:http';
import type { UpstreamControl } from '../transport/transport.ts';
import type { ResponseFilter, ResponseHead, Sink } from './response-filter.ts';
import { DEFAULT_IDLE_MS } from './time-limits.ts';

/** The response side of an exchange, as steps see it. */
export interface ResponseSide {
  readonly message: ServerResponse;
  /** Once the answer has begun, only a silence of this length ends it, milliseconds. */
  idleMs: number;
  /**
   * Answers in place of a failure, or of an answer with a 5xx status, unless it says false. Asked
   * once, and only before an answer has begun.
   */
  standIn: (() => boolean) | undefined;
  /** Fields for the answer of any source, problem documents included. */
  addFields(...fields: string[]): void;
  addFilter(filter: ResponseFilter): void;
}

/** Watches how fast the client reads. */
export interface Pace {
  blocked(): void;
  drained(): void;
}

/**
 * The rest of a whole answer is in memory until the client reads it: who reads
 * nothing for so long is cut off.
 */
const STALLED_MS = 60_000;

/** A body up to this size is cheaper to write as one text with its head than as a second piece. */
const MAX_JOINED_BYTES = 16_384;

export class ResponseWriter implements ResponseSide {
  readonly message: ServerResponse;
  idleMs = DEFAULT_IDLE_MS;
  standIn: (() => boolean) | undefined;
  readonly #refuseRest: (() => void) | undefined;
  #added: string[] | undefined;
  #filters: ResponseFilter[] | undefined;
  /** Whether a filter sees more of the answer than its head. */
  #watched = false;
  #sink: Sink | undefined;
  #draining = false;
  #hasBody = false;
  /** Length of the body by the head; -1 when it does not say. */
  #length = -1;
  #whole = false;
  /** Bytes of the body that were handed to the connection. */
  bytes = 0;

  /**
   * `refuseRest`: of a request with a body; called when the answer begins
   * before all of that has arrived.
   */
  constructor(response: ServerResponse, refuseRest?: () => void) {
    this.message = response;
    this.#refuseRest = refuseRest;
  }

  addFields(...fields: string[]): void {
    this.#added = this.#added ? this.#added.concat(fields) : fields;
  }

  addFilter(filter: ResponseFilter): void {
    this.#filters = this.#filters ? [...this.#filters, filter] : [filter];
    if (filter.onData || filter.onEnd || filter.onFailure) this.#watched = true;
  }

  writeHead(status: number, fields: string[]): void {
    const head = { status, fields };
    if (this.#filters) {
      for (const filter of this.#filters) {
        const sink = filter.prepareHead?.(head);
        if (sink) this.#pipeThrough(sink);
      }
    }
    this.#writeFiltered(head);
  }

  #pipeThrough(sink: Sink): void {
    const response = this.message;
    this.#sink = sink;
    sink.on('error', () => response.destroy());
    sink.on('data', chunk => {
      this.bytes += chunk.length;
      if (this.#watched) this.#tellData(chunk);
    });
    // A client that has left reads no more: what the sink still holds would stay in memory.
    response.once('close', () => sink.destroy());
    sink.pipe(response);
  }

  /**
   * Sends the head unless the body follows at once: node:http would keep it back until then, which
   * for a stream may be for ever.
   */
  sendHeadSoon(): void {
    setImmediate(() => {
      if (!this.#hasBody && !this.message.writableEnded) this.message.flushHeaders();
    });
  }

  #writeFiltered(head: ResponseHead): void {
    if (this.#filters) {
      for (const filter of this.#filters) filter.filterHead?.(head);
      for (const filter of this.#filters) filter.onHead?.(head.status, head.fields);
    }
    this.#length = lengthOf(head.fields);
    this.#closeUnlessRead();
    this.message.writeHead(head.status, this.#added ? head.fields.concat(this.#added) : head.fields);
  }

  /**
   * The rest of the request cannot be told from the next one, so its answer is the last one of the
   * connection.
   */
  #closeUnlessRead(): void {
    if (this.#refuseRest === undefined || this.message.req.complete) return;
    this.#refuseRest();
    this.message.shouldKeepAlive = false;
  }

  /** `pace` is called when the client takes no more, and when it does again. */
  write(chunk: Buffer, control: UpstreamControl, pace?: Pace): void {
    if (!this.#sink) {
      this.bytes += chunk.length;
      if (this.#watched) this.#tellData(chunk);
    }
    if (!this.#hasBody && !this.#sink && chunk.length === this.#length) {
      this.#writeAll(chunk);
      return;
    }
    this.#hasBody = true;
    const sink = this.#sink ?? this.message;
    if (sink.write(chunk) || this.#filters?.some(filter => filter.readsAhead?.())) return;
    control.pause();
    if (this.#draining) return;
    this.#draining = true;
    pace?.blocked();
    sink.once('drain', () => {
      this.#draining = false;
      pace?.drained();
      control.resume();
    });
  }

  /** All that there is, which saves a second write to the socket. */
  #writeAll(body: Buffer): void {
    this.#hasBody = true;
    this.#whole = true;
    if (body.length > MAX_JOINED_BYTES) this.message.end(body);
    else this.message.end(body.toString('latin1'), 'latin1');
  }

  /** The whole answer has been handed to the socket, although its end was not told yet. */
  get whole(): boolean {
    return this.#whole;
  }

  end(): void {
    if (!this.#whole) (this.#sink ?? this.message).end();
    this.#limitStall();
  }

  /** A whole answer of our own: no filters, as those are for answers of targets. */
  writeWhole(status: number, fields: readonly string[], body: Buffer | string): void {
    for (const filter of this.#filters ?? []) filter.onHead?.(status, fields);
    const length = Buffer.byteLength(body);
    const bodiless = status === 204 || status === 304;
    this.#closeUnlessRead();
    this.message.writeHead(status, [
      ...fields,
      ...(bodiless ? [] : ['content-length', String(length)]),
      ...(this.#added ?? []),
    ]);
    if (this.message.req.method === 'HEAD' || bodiless) this.message.end();
    else {
      this.bytes = length;
      this.message.end(body);
    }
    this.#limitStall();
  }

  /**
   * An answer that a target gave earlier, with its Content-Length; it has been prepared then. A
   * text is one character a byte.
   */
  writeKept(status: number, fields: readonly string[], body: Buffer | string | undefined): void {
    if (this.#filters || this.#added) {
      this.#writeFiltered({ status, fields: [...fields] });
      if (this.#watched && body) this.#tellData(typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
    } else {
      this.#closeUnlessRead();
      // node:http only reads the list, so it need not be copied for each answer.
      this.message.writeHead(status, fields as string[]);
    }
    if (body === undefined || this.message.req.method === 'HEAD') this.message.end();
    else {
      this.bytes = body.length;
      this.message.end(body, 'latin1');
    }
    this.#limitStall();
  }

  /** node:http takes the limit back when all is sent. */
  #limitStall(): void {
    if (this.#sink || this.message.writableLength > 0) this.message.setTimeout(STALLED_MS);
  }

  ended(failure: Error | undefined): void {
    if (failure) {
      for (const filter of this.#filters ?? []) filter.onFailure?.(failure);
      this.#sink?.destroy();
      return;
    }
    if (!this.#watched) return;
    // The bytes that the sink still holds are yet to come.
    if (this.#sink) this.#sink.once('close', () => this.#tellEnd());
    else this.#tellEnd();
  }

  #tellData(chunk: Buffer): void {
    for (const filter of this.#filters ?? []) filter.onData?.(chunk);
  }

  #tellEnd(): void {
    const whole = this.#sink === undefined || this.#sink.readableEnded;
    for (const filter of this.#filters ?? []) {
      if (whole) filter.onEnd?.();
      else filter.onFailure?.(new Error('the answer broke off while it was encoded'));
    }
  }
}

/** The value of Content-Length; -1 without one. */
function lengthOf(fields: readonly string[]): number {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name.length === 14 && name.toLowerCase() === 'content-length') return Number(fields[index + 1]);
  }
  return -1;
}
