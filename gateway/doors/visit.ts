// What every door does around a request: read its head, continue its trace, answer refusals, report the end.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFatalForConnection } from '../../core/problem.ts';
import { childContext, parseTraceparent, type TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { ClientSide } from '../exchange/client-side.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { sendProblem } from '../http/problem-answer.ts';
import { type RequestHead, readHead } from '../http/request-head.ts';
import type { AnsweredListener } from './door-events.ts';
import type { Handler } from './door-server.ts';

export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly trace: TraceContext;
  /** Set by the door once it knows: where the request goes, for logs and metrics. */
  route: string | undefined;
  target: string | undefined;
  /** Set by the door once there is one. */
  exchange: Exchange | undefined;
  /** Share of the successful answers that are logged, 0 to 1. */
  logSample: number;
}

export interface DoorOptions {
  readonly world: World;
  readonly door: 'public' | 'internal';
  readonly answered: AnsweredListener;
  /** Answers the visit, or throws why not. */
  receive(visit: Visit, refuseRest: () => void, client: ClientSide | undefined): void;
}

export function createDoor({ world, door, answered, receive }: DoorOptions): Handler {
  return (request, response, refuseRest, client) => {
    const began = world.monotonic();
    let trace: TraceContext | undefined;
    let visit: Visit | undefined;
    response.on('close', () => {
      answered({
        door,
        method: request.method ?? '',
        path: visit?.head.path ?? request.url ?? '',
        route: visit?.exchange?.route?.path ?? visit?.route,
        target: visit?.exchange?.route?.target ?? visit?.target,
        status: response.headersSent ? response.statusCode : 0,
        durationMs: world.monotonic() - began,
        traceId: trace?.traceId ?? '',
        logged: response.statusCode >= 500 || isSampled(world, visit?.logSample ?? 1),
      });
    });
    try {
      const head = readHead(request, { trusted: door === 'internal' });
      trace = childContext(parseTraceparent(head.traceparent));
      visit = {
        request,
        response,
        head,
        trace,
        route: undefined,
        target: undefined,
        exchange: undefined,
        logSample: 1,
      };
      receive(visit, refuseRest, client);
    } catch (error) {
      trace ??= childContext(undefined);
      const unread = visit === undefined || (visit.head.hasBody && !request.complete);
      if (unread || isFatalForConnection(error)) refuseRest();
      sendProblem(response, error, trace.traceId, unread);
    }
  };
}

function isSampled(world: World, share: number): boolean {
  return share >= 1 || world.random() < share;
}
