// Writes one answer to the client: added fields, head filters, a body pipe, observers, and backpressure towards the upstream.
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UpstreamControl } from '../transport/transport.ts';

export interface ResponseHead {
  status: number;
  /** Name and value in turn. */
  fields: string[];
}

/** Changes the head in place. */
export type HeadFilter = (head: ResponseHead) => void;

/** Sees the answer as the client gets it, e.g. compressed. */
export interface ResponseObserver {
  onHead?(status: number, fields: readonly string[]): void;
  onData?(chunk: Buffer): void;
  /** The whole answer went out. */
  onEnd?(): void;
  /** It did not: `failure` says why. Exactly one of onEnd and onFailure is called. */
  onFailure?(failure: Error): void;
  /**
   * While true the target is not slowed down for a slow client: another reader waits for the
   * answer, and bounds the bytes held.
   */
  readsAhead?(): boolean;
}

/** Watches how fast the client reads. */
export interface Pace {
  blocked(): void;
  drained(): void;
}

/** The rest of a whole answer is in memory until the client reads it: who reads nothing for so long is cut off. */
const STALLED_MS = 60_000;

/** A body up to this size is cheaper to write as one text with its head than as a second piece. */
const MAX_JOINED_BYTES = 16_384;

/** Takes the body of the target and gives what the client gets. */
export type Sink = Duplex;

export class ResponseWriter {
  readonly #response: ServerResponse;
  readonly #refuseRest: (() => void) | undefined;
  #added: string[] | undefined;
  #preparations: HeadFilter[] | undefined;
  #filters: HeadFilter[] | undefined;
  #observers: ResponseObserver[] | undefined;
  #sink: Sink | undefined;
  #draining = false;
  #hasBody = false;
  /** Length of the body by the head; -1 when it does not say. */
  #length = -1;
  #whole = false;

  /** `refuseRest`: of a request with a body; called when the answer begins before all of that has arrived. */
  constructor(response: ServerResponse, refuseRest?: () => void) {
    this.#response = response;
    this.#refuseRest = refuseRest;
  }

  addFields(fields: readonly string[]): void {
    this.#added = this.#added ? this.#added.concat(fields) : [...fields];
  }

  addPreparation(filter: HeadFilter): void {
    this.#preparations = this.#preparations ? [...this.#preparations, filter] : [filter];
  }

  addFilter(filter: HeadFilter): void {
    this.#filters = this.#filters ? [...this.#filters, filter] : [filter];
  }

  observe(observer: ResponseObserver): void {
    this.#observers = this.#observers ? [...this.#observers, observer] : [observer];
  }

  pipeBody(sink: Sink): void {
    const response = this.#response;
    this.#sink = sink;
    sink.on('error', () => response.destroy());
    if (this.#observers) sink.on('data', chunk => this.#tellData(chunk));
    // A client that has left reads no more: what the sink still holds would stay in memory.
    response.once('close', () => sink.destroy());
    sink.pipe(response);
  }

  writeHead(status: number, fields: string[]): void {
    const head = { status, fields };
    if (this.#preparations) for (const filter of this.#preparations) filter(head);
    this.#writeFiltered(head);
  }

  /** Sends the head unless the body follows at once: node:http would keep it back until then, which for a stream may be for ever. */
  sendHeadSoon(): void {
    setImmediate(() => {
      if (!this.#hasBody && !this.#response.writableEnded) this.#response.flushHeaders();
    });
  }

  #writeFiltered(head: ResponseHead): void {
    if (this.#filters) for (const filter of this.#filters) filter(head);
    if (this.#observers) for (const observer of this.#observers) observer.onHead?.(head.status, head.fields);
    this.#length = lengthOf(head.fields);
    this.#closeUnlessRead();
    this.#response.writeHead(head.status, this.#added ? head.fields.concat(this.#added) : head.fields);
  }

  /**
   * The rest of the request cannot be told from the next one, so its answer is the last one of the
   * connection.
   */
  #closeUnlessRead(): void {
    if (this.#refuseRest === undefined || this.#response.req.complete) return;
    this.#refuseRest();
    this.#response.shouldKeepAlive = false;
  }

  /** `pace` is called when the client takes no more, and when it does again. */
  write(chunk: Buffer, control: UpstreamControl, pace?: Pace): void {
    if (this.#observers && !this.#sink) this.#tellData(chunk);
    if (!this.#hasBody && !this.#sink && chunk.length === this.#length) {
      this.#writeAll(chunk);
      return;
    }
    this.#hasBody = true;
    const sink = this.#sink ?? this.#response;
    if (sink.write(chunk) || this.#observers?.some(observer => observer.readsAhead?.())) return;
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
    if (body.length > MAX_JOINED_BYTES) this.#response.end(body);
    else this.#response.end(body.toString('latin1'), 'latin1');
  }

  /** The whole answer has been handed to the socket, although its end was not told yet. */
  get whole(): boolean {
    return this.#whole;
  }

  end(): void {
    if (!this.#whole) (this.#sink ?? this.#response).end();
    this.#limitStall();
  }

  /** A whole answer of our own: no filters, as those are for answers of targets. */
  writeWhole(status: number, fields: readonly string[], body: Buffer | string): void {
    for (const observer of this.#observers ?? []) observer.onHead?.(status, fields);
    const length = ['content-length', String(Buffer.byteLength(body))];
    const bodiless = status === 204 || status === 304;
    this.#closeUnlessRead();
    this.#response.writeHead(status, [...fields, ...(bodiless ? [] : length), ...(this.#added ?? [])]);
    this.#response.end(this.#response.req.method === 'HEAD' || bodiless ? undefined : body);
    this.#limitStall();
  }

  /** An answer that a target gave earlier, with its Content-Length; it has been prepared then. A text is one character a byte. */
  writeKept(status: number, fields: readonly string[], body: Buffer | string | undefined): void {
    if (this.#filters || this.#observers || this.#added) {
      this.#writeFiltered({ status, fields: [...fields] });
      if (this.#observers && body) this.#tellData(typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
    } else {
      this.#closeUnlessRead();
      // node:http only reads the list, so it need not be copied for each answer.
      this.#response.writeHead(status, fields as string[]);
    }
    if (body === undefined || this.#response.req.method === 'HEAD') this.#response.end();
    else this.#response.end(body, 'latin1');
    this.#limitStall();
  }

  /** node:http takes the limit back when all is sent. */
  #limitStall(): void {
    if (this.#sink || this.#response.writableLength > 0) this.#response.setTimeout(STALLED_MS);
  }

  ended(failure: Error | undefined): void {
    if (failure) {
      for (const observer of this.#observers ?? []) observer.onFailure?.(failure);
      this.#sink?.destroy();
      return;
    }
    if (!this.#observers) return;
    // The bytes that the sink still holds are yet to come.
    if (this.#sink) this.#sink.once('close', () => this.#tellEnd());
    else this.#tellEnd();
  }

  #tellData(chunk: Buffer): void {
    for (const observer of this.#observers ?? []) observer.onData?.(chunk);
  }

  #tellEnd(): void {
    const whole = this.#sink === undefined || this.#sink.readableEnded;
    for (const observer of this.#observers ?? []) {
      if (whole) observer.onEnd?.();
      else observer.onFailure?.(new Error('the answer broke off while it was encoded'));
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
