// Handles a request as every listener does: reads its head, continues its trace, answers refusals
// and reports the end.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection } from '../../core/problem.ts';
import { childContext, parseTraceparent, type TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { ClientSide } from '../exchange/client-side.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { ClientReader } from '../http/client.ts';
import { sendProblem } from '../http/problem-answer.ts';
import { type RequestHead, readHead } from '../http/request-head.ts';
import type { AnsweredListener, AnsweredRoute } from './answered.ts';
import type { Handler } from './listener-server.ts';

export interface RequestContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly trace: TraceContext;
  /** Set by the listener once it knows: where the request goes, for logs and metrics. */
  route: AnsweredRoute | undefined;
  /** Set by the listener once there is one. */
  exchange: Exchange | undefined;
}

export interface RequestHandlerOptions {
  readonly world: World;
  /** Its name. */
  readonly listener: string;
  /** Whether whoever calls is a part of the platform, or shows a key of a namespace. */
  readonly trusted: boolean;
  /** Tells the client from the proxies in front of us. */
  readonly readClient: ClientReader;
  readonly answered: AnsweredListener;
  /**
   * Answers the request, or says why not: throws, or rejects where something
   * must be waited for first.
   */
  receive(context: RequestContext, refuseRest: () => void, client: ClientSide | undefined): void | Promise<void>;
}

export function createRequestHandler({
  world,
  listener,
  trusted,
  readClient,
  answered,
  receive,
}: RequestHandlerOptions): Handler {
  return (request, response, refuseRest, client) => {
    const began = world.monotonic();
    let trace: TraceContext | undefined;
    let context: RequestContext | undefined;
    let failure: unknown;
    response.on('close', () => {
      const exchange = context?.exchange;
      const route = exchange?.request.route ?? context?.route;
      answered({
        listener,
        method: request.method ?? '',
        path: context?.head.path ?? request.url ?? '',
        host: context?.head.authority,
        route,
        consumer: exchange?.request.consumer,
        client: (exchange?.request.client ?? readClient(request)).address,
        status: response.headersSent ? response.statusCode : 0,
        durationMs: world.monotonic() - began,
        traceId: trace?.traceId ?? '',
        reason: reasonOf(exchange?.failure ?? failure),
        logged: response.statusCode >= 500 || isSampled(world, route?.logSample ?? 1),
      });
    });
    const refuse = (error: unknown) => {
      trace ??= childContext(undefined);
      const unread = context === undefined || (context.head.hasBody && !request.complete);
      if (unread || isFatalForConnection(error)) refuseRest();
      failure ??= error;
      sendProblem(response, error, trace.traceId, unread, trusted);
    };
    try {
      const head = readHead(request, { trusted });
      trace = childContext(parseTraceparent(head.traceparent));
      context = { request, response, head, trace, route: undefined, exchange: undefined };
      receive(context, refuseRest, client)?.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  };
}

/** For operators: the part of the failure that the client does not see. */
function reasonOf(failure: unknown): string | undefined {
  return failure instanceof TenfoldError && failure.status >= 500 ? failure.message : undefined;
}

function isSampled(world: World, share: number): boolean {
  return share >= 1 || world.random() < share;
}
