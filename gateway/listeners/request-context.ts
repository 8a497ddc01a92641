// Handles a request as every listener does: reads its head, continues its trace, answers refusals
// and reports the end.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCodes } from '../../core/errors.ts';
import { isFatalForConnection } from '../../core/problem.ts';
import { childContext, parseTraceparent, type TraceContext } from '../../core/trace-context.ts';
import { Span } from '../../core/tracing/span.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import type { ClientSide } from '../exchange/client-side.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { reasonOf } from '../exchange/reason-of.ts';
import type { ClientReader } from '../http/client.ts';
import { sendProblem } from '../http/problem-answer.ts';
import { type RequestHead, readHead } from '../http/request-head.ts';
import type { Answered, AnsweredListener, AnsweredRoute } from './answered.ts';
import type { Handler } from './listener-server.ts';
import { endServerSpan } from './server-span.ts';
import { refusalOf } from './unread-request.ts';

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
  /** Undefined where no spans are recorded. */
  readonly tracer?: Tracer | undefined;
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
  tracer,
  receive,
}: RequestHandlerOptions): Handler {
  const begin = (at: number, parent: TraceContext | undefined, method = 'HTTP'): TraceContext => {
    const span = tracer?.begin(parent, 'server', method, at);
    if (span !== undefined && trusted) span.part.waitForOthers();
    return span ?? childContext(parent);
  };
  return (request, response, refuseRest, client) => {
    const began = world.monotonic();
    let trace: TraceContext | undefined;
    let context: RequestContext | undefined;
    let failure: unknown;
    response.on('close', () => {
      const exchange = context?.exchange;
      // Its body could not be read on: `listener-server.ts` has answered.
      const unread = response.headersSent ? undefined : refusalOf(request.socket.errored);
      const route = exchange?.request.route ?? context?.route;
      const why = unread ?? exchange?.failure ?? failure;
      const left = response.headersSent ? undefined : 'client.left';
      const reason = why === undefined ? (exchange ? exchange.reason : left) : reasonOf(why);
      const said: Answered = {
        listener,
        method: request.method ?? '',
        path: context?.head.path ?? request.url ?? '',
        host: context?.head.authority,
        route,
        consumer: exchange?.request.consumer,
        client: (exchange?.request.client ?? readClient(request)).address,
        status: unread ? errorCodes[unread.code].status : response.headersSent ? response.statusCode : 0,
        durationMs: world.monotonic() - began,
        trace: trace?.traceId ?? '',
        reason,
        failure: why,
        exchange,
        logged: response.statusCode >= 500 || isSampled(world, route?.logSample ?? 1),
      };
      answered(said);
      if (trace instanceof Span) endServerSpan(trace, said, request);
    });
    const refuse = (error: unknown) => {
      trace ??= begin(began, undefined, request.method);
      const unread = context === undefined || (context.head.hasBody && !request.complete);
      if (unread || isFatalForConnection(error)) refuseRest();
      failure ??= error;
      sendProblem(response, error, trace.traceId, unread, trusted);
    };
    try {
      const head = readHead(request, { trusted });
      trace = begin(began, callerOf(head), head.method);
      context = { request, response, head, trace, route: undefined, exchange: undefined };
      receive(context, refuseRest, client)?.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  };
}

/** Undefined: the request begins a trace. */
function callerOf({ traceparent, tracestate }: RequestHead): TraceContext | undefined {
  const caller = parseTraceparent(traceparent);
  return caller && { ...caller, tracestate };
}

function isSampled(world: World, share: number): boolean {
  return share >= 1 || world.random() < share;
}
