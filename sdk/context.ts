// The context that every handler gets beside its request or event: log, time limit, trace, and
// clients for the rest of the application.

import type { Cache } from './cache.ts';
import type { CallOptions } from './call-options.ts';
import type { Blobs } from './client/blobs.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Functions, NameIn, Queues, RequestOf, ResponseOf, Topics, TypeIn, Views } from './registry.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured log: one JSON line each, with the function's name and the trace id. An `error` field
 * is written with its stack.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A logger that adds `fields` to every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export interface Trace {
  /** 32 hex digits, the same for everything that one request causes. */
  readonly traceId: string;
  /** 16 hex digits, this invocation. */
  readonly spanId: string;
  /** Header value that continues this trace in a call of your own. */
  readonly traceparent: string;
  /** The same of `tracestate`, which tracing systems write; absent where the caller sent none. */
  readonly tracestate?: string;
}

export type QueryValue = string | number | boolean | undefined | ReadonlyArray<string | number | boolean>;
export type QueryParams = Readonly<Record<string, QueryValue>>;

export interface InvokeOptions<Method extends string, Path extends string, Body> extends CallOptions {
  /**
   * `POST` when there is a body, else `GET`. All but `POST` and `PATCH` are made again
   * when the connection breaks.
   */
  readonly method?: Method;
  /** Path inside the function; `/` when absent. */
  readonly path?: Path;
  readonly query?: QueryParams;
  readonly headers?: Readonly<Record<string, string>>;
  /** Strings and bytes are sent as they are, everything else as JSON. */
  readonly body?: Body;
}

export interface InvokeResult<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed when JSON, a string when text, else a Buffer; undefined when empty. */
  readonly body: Body;
}

export interface PublishOptions extends CallOptions {
  /** Event type; the topic's name when absent. */
  readonly type?: string;
  readonly subject?: string;
  /** Id of the event; give one to make publishing again harmless. */
  readonly id?: string;
  /** Events of one key are delivered in order; becomes the extension `partitionkey`. */
  readonly key?: string;
}

export interface Published {
  readonly id: string;
  /**
   * The position of the event, such as `orders@0:17`: a query to a View with it as `after` waits
   * until the View has got so far.
   */
  readonly position: string;
}

export interface EnqueueOptions extends CallOptions {
  /**
   * The same key within its window gives the same job, so it is handed over again
   * when the connection breaks.
   */
  readonly idempotencyKey?: string;
}

export interface Job {
  readonly id: string;
  /** Path at the listener where its state and result can be read. */
  readonly location: string;
}

export interface Clients {
  /**
   * Calls another function, never through the public listener. Rejects with `InvokeError` unless
   * the answer is 2xx or 3xx.
   */
  invoke<Name extends NameIn<Functions>, const Method extends string = 'GET' | 'POST', const Path extends string = '/'>(
    name: Name,
    options?: InvokeOptions<Method, Path, RequestOf<Name, Method, Path>>,
  ): Promise<InvokeResult<ResponseOf<Name, Method, Path>>>;
  /** Publishes data, or a whole CloudEvent. Resolves once it is durable. */
  publish<Topic extends NameIn<Topics>>(
    topic: Topic,
    data: TypeIn<Topics, Topic> | CloudEvent<TypeIn<Topics, Topic>>,
    options?: PublishOptions,
  ): Promise<Published>;
  /** Hands over a job. Resolves once it is durable. */
  enqueue<Queue extends NameIn<Queues>>(
    queue: Queue,
    data: TypeIn<Queues, Queue>,
    options?: EnqueueOptions,
  ): Promise<Job>;
  /**
   * The data of an event that only carries its address (`dataref`), because it was larger than its
   * topic takes in an event. JSON is parsed, text is a string, else it is a Buffer. The data of any
   * other event is given as it is.
   */
  readData(event: CloudEvent, options?: CallOptions): Promise<unknown>;
  /** Objects of the namespace, such as what clients have uploaded. */
  readonly blobs: Blobs;
  /** Reads a view; the parameters are those of `GET /views/{view}`. */
  query<View extends NameIn<Views>>(
    view: View,
    params?: QueryParams,
    options?: CallOptions,
  ): Promise<TypeIn<Views, View>>;
}

export interface Context extends Clients {
  /**
   * The data that the namespace's functions keep outside themselves: sessions, and copies of values
   * that are slow to make.
   */
  readonly cache: Cache;
  readonly functionName: string;
  readonly logger: Logger;
  /** Aborts at the deadline and when the caller has left. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting. */
  readonly deadline: Date;
  /** Milliseconds until the deadline, at least 0. */
  remainingMs(): number;
  /** Which attempt at the same event or job this is, from 1. */
  readonly attempt: number;
  /**
   * The legacy systems that have the current change already, as a list with commas; undefined for
   * none. All clients pass it on. A function that stores a change now and publishes it later stores
   * this with it, and gives it as the option `origin`.
   */
  readonly origin: string | undefined;
  readonly trace: Trace;
}
