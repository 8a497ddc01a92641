// The context of one request or event. Everything in it is made when first asked for: most
// handlers use little of it.
import type { IncomingHttpHeaders } from 'node:http';
import type { Cache } from '../cache.ts';
import { createBlobs } from '../client/blobs.ts';
import { createCache } from '../client/cache.ts';
import type { CallScope } from '../client/call-endpoint.ts';
import { enqueue, invoke, publish, query, readData } from '../client/clients.ts';
import type { Transport } from '../client/transport.ts';
import { ATTEMPT_HEADER, CONSUMER_HEADER, DEPTH_HEADER, EVENT_KEY_HEADER, ORIGIN_HEADER } from '../client/wire.ts';
import type { Clients, Context, Logger, Trace } from '../context.ts';
import { createLogger, type LogFields, type LogSink } from './logger.ts';

/** The part that a process knows once, for all invocations of its function. */
export interface InvocationHost {
  readonly functionName: string;
  readonly log: LogSink;
  /**
   * Made when the first client call needs it; throws when the process does not know the address of
   * the listener.
   */
  transport(): Transport;
  /** Continues the trace of these headers, or begins one. */
  traceOf(headers: IncomingHttpHeaders): Trace;
  /** See `CallScope`. */
  readonly listenerHoldsTime?: boolean | undefined;
}

/** When its time is over. Asked each time, as it may move while a request still comes. */
export interface TimeLimit {
  /** On the monotonic clock (`performance.now()`), which no change of the wall clock moves. */
  readonly expiresAt: number;
}

export class Invocation implements Context {
  readonly #host: InvocationHost;
  readonly #head: { readonly headers: IncomingHttpHeaders };
  readonly #time: TimeLimit;
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #trace: Trace | undefined;
  #logger: Logger | undefined;
  #scope: CallScope | undefined;
  #blobs: Clients['blobs'] | undefined;
  #cache: Cache | undefined;

  constructor(host: InvocationHost, head: { readonly headers: IncomingHttpHeaders }, time: TimeLimit) {
    this.#host = host;
    this.#head = head;
    this.#time = time;
  }

  /** Aborts the signal; for the host, when the time is over or the caller has gone. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  get functionName(): string {
    return this.#host.functionName;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  get deadline(): Date {
    return new Date(Date.now() + this.#time.expiresAt - performance.now());
  }

  // The methods are getters that give closures, so that handlers may take the context
  // apart: `({ invoke, logger })`.
  get remainingMs(): () => number {
    return () => Math.max(0, this.#time.expiresAt - performance.now());
  }

  get attempt(): number {
    return toCount(this.#head.headers[ATTEMPT_HEADER], 1);
  }

  get origin(): string | undefined {
    const header = this.#head.headers[ORIGIN_HEADER];
    return typeof header === 'string' && header !== '' ? header : undefined;
  }

  get trace(): Trace {
    this.#trace ??= this.#host.traceOf(this.#head.headers);
    return this.#trace;
  }

  get logger(): Logger {
    this.#logger ??= createLogger(this.#host.log, {
      function: this.functionName,
      trace: this.trace.traceId,
      span: this.trace.spanId,
      ...deliveryOf(this.#head.headers),
    });
    return this.#logger;
  }

  // The types are the interface's: the names and bodies they check exist for the compiler only.
  get invoke(): Clients['invoke'] {
    return invoke.bind(undefined, this.#clients()) as Clients['invoke'];
  }

  get publish(): Clients['publish'] {
    return publish.bind(undefined, this.#clients()) as Clients['publish'];
  }

  get enqueue(): Clients['enqueue'] {
    return enqueue.bind(undefined, this.#clients()) as Clients['enqueue'];
  }

  get readData(): Clients['readData'] {
    return readData.bind(undefined, this.#clients());
  }

  get blobs(): Clients['blobs'] {
    this.#blobs ??= createBlobs(this.#clients());
    return this.#blobs;
  }

  get query(): Clients['query'] {
    return query.bind(undefined, this.#clients()) as Clients['query'];
  }

  get cache(): Cache {
    this.#cache ??= createCache(this.#clients(), () => this.logger);
    return this.#cache;
  }

  #clients(): CallScope {
    this.#scope ??= {
      functionName: this.functionName,
      signal: this.signal,
      traceparent: this.trace.traceparent,
      tracestate: this.trace.tracestate,
      depth: toCount(this.#head.headers[DEPTH_HEADER], 0),
      origin: this.origin,
      remainingMs: this.remainingMs,
      transport: this.#host.transport(),
      listenerHoldsTime: this.#host.listenerHoldsTime,
    };
    return this.#scope;
  }
}

/** The event for which a consumer calls. Each event of a batch has an id and a key of its own. */
function deliveryOf(headers: IncomingHttpHeaders): LogFields {
  const consumer = textOf(headers[CONSUMER_HEADER]);
  if (consumer === undefined) return {};
  const event = textOf(headers['ce-id']);
  const key = textOf(headers[EVENT_KEY_HEADER]);
  return {
    consumer,
    ...(event === undefined ? {} : { event }),
    ...(key === undefined ? {} : { key }),
    attempt: toCount(headers[ATTEMPT_HEADER], 1),
  };
}

/** As headers carry attributes of CloudEvents. */
function textOf(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || !header.includes('%')) return typeof header === 'string' ? header : undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

function toCount(header: string | string[] | undefined, otherwise: number): number {
  const count = Number(header);
  return header !== undefined && header !== '' && Number.isInteger(count) && count >= 0 ? count : otherwise;
}
