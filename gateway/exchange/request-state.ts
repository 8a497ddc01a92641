// The request side of an exchange: what the client sent, what steps found out about it,
// and what the target gets.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Client, ClientReader } from '../http/client.ts';
import type { RequestHead } from '../http/request-head.ts';
import { BodyStream } from './body-stream.ts';
import type { ClientSide } from './client-side.ts';
import type { ExchangeInit, FindOtherRoute, OtherRoute } from './exchange-init.ts';
import type { RouteFacts } from './route-facts.ts';
import type { TimeLimits } from './time-limits.ts';
import { createVariables, type RequestVariables, type VariableSource } from './variables.ts';

/** A class, as there is one for every request. */
export class RequestState implements VariableSource {
  readonly message: IncomingMessage;
  readonly head: RequestHead;
  params: Readonly<Record<string, string | undefined>>;
  /** See `ExchangeInit`. */
  readonly otherRoute: FindOtherRoute | undefined;
  /** The route that took the request over from the one that was found first. */
  route: RouteFacts | undefined;
  /** Set when the client asks for another protocol and the route allows it. */
  readonly clientSide: ClientSide | undefined;
  /** Path and fields that the target gets; steps change them before the request is sent on. */
  path: string;
  headers: string[];
  /** The part of the path that the client sees and the target does not. */
  clientPath = '';
  /**
   * The caller, once a step has found out: the subject of a token or the name of an API key;
   * `caller`: the function, at an internal listener.
   */
  consumer: string | undefined;
  caller: string | undefined;
  /** Claims of a token that was checked. */
  claims: Readonly<Record<string, unknown>> | undefined;
  /** The JSON body, once a step has read and parsed it. */
  parsedBody: unknown;
  /**
   * Longest time to open a connection to the target, milliseconds.
   * Undefined: that of the transport.
   */
  connectTimeoutMs: number | undefined;
  /** Its point in a split, from 0 to 1. */
  point: number | undefined;
  readonly #readClient: ClientReader;
  #client: Client | undefined;
  #body: Readable | Buffer | null | undefined;
  #clientVariables: RequestVariables | undefined;
  #targetVariables: RequestVariables | undefined;

  constructor(init: ExchangeInit) {
    this.message = init.request;
    this.head = init.head;
    this.params = init.params;
    this.otherRoute = init.otherRoute;
    this.clientSide = init.client;
    this.path = init.head.path + init.head.query;
    this.headers = init.head.fields;
    this.#readClient = init.readClient;
  }

  /** The client, as far as we or a proxy that we trust can tell. */
  get client(): Client {
    this.#client ??= this.#readClient(this.message);
    return this.#client;
  }

  /** The variables of expressions for results that this client alone gets. */
  get clientVariables(): RequestVariables {
    this.#clientVariables ??= createVariables(this);
    return this.#clientVariables;
  }

  /** The variables of expressions for values that the target gets. */
  get targetVariables(): RequestVariables {
    return this.#targetVariables ?? this.clientVariables;
  }

  /**
   * The target gets no other headers than `fields`, and expressions for its values see no others.
   */
  narrow(fields: string[]): void {
    this.headers = fields;
    const { head, params, claims, consumer, parsedBody } = this;
    const narrowed = { head: { ...head, fields: [...fields] }, params, claims, consumer, parsedBody };
    this.#targetVariables = createVariables(narrowed);
  }

  /** Another route takes the request over. */
  reroute({ route, params }: OtherRoute): void {
    this.route = route;
    this.params = params;
    this.#clientVariables = undefined;
    this.#targetVariables = undefined;
  }

  /**
   * The body: a stream, or its bytes once a step has read them. `limits` are
   * told of each part that comes.
   */
  openBody(limits: TimeLimits): Readable | Buffer | null {
    if (this.#body === undefined) {
      const { message, head } = this;
      this.#body = head.hasBody ? new BodyStream(message, bytes => limits.received(bytes)) : null;
    }
    return this.#body;
  }

  /** Replaces the body that the target gets by bytes that can be sent more than once. */
  setBody(bytes: Buffer): void {
    this.#body = bytes;
  }

  /** Whether the client holds its body up, rather than its reader. */
  get waitsForClient(): boolean {
    return this.#body instanceof BodyStream && this.#body.waitsForClient;
  }

  /** Drops the rest of the body. */
  dropBody(): void {
    if (this.#body instanceof BodyStream) this.#body.destroy();
  }
}
