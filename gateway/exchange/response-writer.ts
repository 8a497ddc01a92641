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

export interface ResponseObserver {
  onHead?(status: number, fields: readonly string[]): void;
  onData?(chunk: Buffer): void;
  /** The whole answer went out. */
  onEnd?(): void;
  /** It did not: `failure` says why. Exactly one of onEnd and onFailure is called. */
  onFailure?(failure: Error): void;
}

/** Takes the body of the target and gives what the client gets. */
export type Sink = Duplex;

export class ResponseWriter {
  readonly #response: ServerResponse;
  #added: string[] | undefined;
  #filters: HeadFilter[] | undefined;
  #observers: ResponseObserver[] | undefined;
  #sink: Sink | undefined;
  #draining = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  addFields(fields: readonly string[]): void {
    this.#added = this.#added ? this.#added.concat(fields) : [...fields];
  }

  addFilter(filter: HeadFilter): void {
    this.#filters = this.#filters ? [...this.#filters, filter] : [filter];
  }

  observe(observer: ResponseObserver): void {
    this.#observers = this.#observers ? [...this.#observers, observer] : [observer];
  }

  pipeBody(sink: Sink): void {
    this.#sink = sink;
    sink.on('error', () => this.#response.destroy());
    sink.pipe(this.#response);
  }

  writeHead(status: number, fields: string[]): void {
    const head = { status, fields };
    for (const filter of this.#filters ?? []) filter(head);
    for (const observer of this.#observers ?? []) observer.onHead?.(head.status, head.fields);
    this.#response.writeHead(head.status, this.#added ? head.fields.concat(this.#added) : head.fields);
  }

  write(chunk: Buffer, control: UpstreamControl): void {
    for (const observer of this.#observers ?? []) observer.onData?.(chunk);
    const sink = this.#sink ?? this.#response;
    if (sink.write(chunk)) return;
    control.pause();
    if (this.#draining) return;
    this.#draining = true;
    sink.once('drain', () => {
      this.#draining = false;
      control.resume();
    });
  }

  end(): void {
    (this.#sink ?? this.#response).end();
  }

  /** A whole answer of our own: no filters, as those are for answers of targets. */
  writeWhole(status: number, fields: readonly string[], body: Buffer | string): void {
    for (const observer of this.#observers ?? []) observer.onHead?.(status, fields);
    const length = ['content-length', String(Buffer.byteLength(body))];
    const bodiless = status === 204 || status === 304;
    this.#response.writeHead(status, [...fields, ...(bodiless ? [] : length), ...(this.#added ?? [])]);
    this.#response.end(this.#response.req.method === 'HEAD' || bodiless ? undefined : body);
  }

  ended(failure: Error | undefined): void {
    for (const observer of this.#observers ?? []) {
      if (failure) observer.onFailure?.(failure);
      else observer.onEnd?.();
    }
    if (failure) this.#sink?.destroy();
  }
}
