// The facts that a listener has about a request when its exchange begins.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { ClientReader } from '../http/client.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { ClientSide } from './client-side.ts';
import type { RouteFacts } from './route-facts.ts';

/** A route that can take the request over. */
export interface OtherRoute {
  readonly route: RouteFacts;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Takes its steps, from the first behind authentication on. */
  take(): void;
}

export type FindOtherRoute = (consumer: string | undefined) => OtherRoute | undefined;

export interface ExchangeInit {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** For people, e.g. `function orders`. */
  readonly target: string;
  readonly trace: TraceContext;
  readonly readClient: ClientReader;
  /** Milliseconds until its answer must begin. */
  readonly timeoutMs: number;
  /** Set when the client asks for another protocol and the route allows it. */
  readonly client?: ClientSide | undefined;
  /**
   * The next route of the same Api that takes the request when `consumer` is none of
   * those that its own is for.
   */
  readonly otherRoute?: FindOtherRoute | undefined;
  /** Called before an answer that ends the connection. */
  refuseRest(): void;
}
