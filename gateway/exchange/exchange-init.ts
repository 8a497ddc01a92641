// The facts that a listener has about a request when its exchange begins.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { ClientReader } from '../http/client.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { NextMatch } from '../plan/plan.ts';
import type { ClientSide } from './client-side.ts';

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
  /** See `Match.next`. */
  readonly nextMatch?: NextMatch | undefined;
  /** Called before an answer that ends the connection. */
  refuseRest(): void;
}
