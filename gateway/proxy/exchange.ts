// One request on its way through: its head, its deadline, its place at a function, and the answer as it streams back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { Timer, World } from '../../core/world.ts';
import type { RequestHead } from '../http/request-head.ts';
import { sendProblem } from '../http/send-problem.ts';
import type { UpstreamControl, UpstreamHandler } from '../transport/transport.ts';
import { type Mount, toResponseFields } from './response-fields.ts';
import { toUpstreamError } from './upstream-error.ts';

export interface ExchangeInit {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** For people, e.g. `function orders`. */
  readonly target: string;
  readonly trace: TraceContext;
  /** Milliseconds that are left for all of it. */
  readonly timeoutMs: number;
}

/** A class, as it is one object with a lifecycle per request and the transport's handler at the same time. */
export class Exchange implements UpstreamHandler {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly target: string;
  readonly trace: TraceContext;
  /** Set by whoever sends the request on: how to translate places in the answer. */
  mount: Mount | undefined;
  readonly #world: World;
  readonly #deadline: number;
  readonly #timer: Timer;
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #release: (() => void) | undefined;
  #failure: Error | undefined;
  #ended = false;
  #draining = false;

  constructor(init: ExchangeInit) {
    this.request = init.request;
    this.response = init.response;
    this.head = init.head;
    this.params = init.params;
    this.target = init.target;
    this.trace = init.trace;
    this.#world = init.world;
    this.#deadline = init.world.monotonic() + init.timeoutMs;
    this.#timer = init.world.after(init.timeoutMs, () =>
      this.fail(new TenfoldError('timeout', `No complete answer within ${init.timeoutMs} ms.`)),
    );
    this.response.on('close', () => this.#closed());
  }

  /** Milliseconds that an upstream may still take; at least 1. */
  get remainingMs(): number {
    return Math.max(1, Math.round(this.#deadline - this.#world.monotonic()));
  }

  /** True once the request is answered or given up. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Aborts when the deadline passes or the client goes away. Made on first use: most requests never need it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort(this.#failure);
    return this.#abort.signal;
  }

  /** Calls `release` exactly once, when this exchange has ended in whatever way. */
  hold(release: () => void): void {
    if (this.#ended) release();
    else this.#release = release;
  }

  /** Ends the exchange with a problem document, or with a cut when an answer has begun. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    sendProblem(this.response, error, this.trace.traceId);
    this.#end();
  }

  onRequestStart(control: UpstreamControl): void {
    this.#control = control;
    if (this.#ended) control.abort(this.#failure ?? new Error('the exchange has ended'));
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    // 1xx answers are the upstream's business with us, not with the client.
    if (this.#ended || status < 200) return;
    this.response.writeHead(status, toResponseFields(control.rawHeaders, this.mount));
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    if (this.#ended || this.response.write(chunk)) return;
    control.pause();
    if (this.#draining) return;
    this.#draining = true;
    this.response.once('drain', () => {
      this.#draining = false;
      control.resume();
    });
  }

  onResponseEnd(_control: UpstreamControl): void {
    if (this.#ended) return;
    this.response.end();
    this.#end();
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    this.fail(toUpstreamError(error, this.target));
  }

  /** The connection to the client is gone, or the answer is all sent. */
  #closed(): void {
    if (!this.#ended)
      this.#failure = new TenfoldError('bad-request', 'The client left before the answer was complete.');
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.cancel();
    if (this.#failure) {
      this.#abort?.abort(this.#failure);
      this.#control?.abort(this.#failure);
    }
    this.#release?.();
    this.#release = undefined;
  }
}
