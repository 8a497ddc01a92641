// The public listener: finds the route of a request in the plan in force and takes its steps.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import { PUBLIC } from '../../resources/ownership/listeners.ts';
import { Exchange } from '../exchange/exchange.ts';
import type { OtherRoute } from '../exchange/exchange-init.ts';
import { takeSteps } from '../exchange/take-steps.ts';
import type { ClientReader } from '../http/client.ts';
import { type RequestHead, readHead } from '../http/request-head.ts';
import { protocolAskedFor } from '../http/upgrade-request.ts';
import type { Match, Plan } from '../plan/plan.ts';
import { findRoute } from '../routing/find-route.ts';
import type { AnsweredListener } from './answered.ts';
import type { Handler } from './listener-server.ts';
import { createRequestHandler } from './request-context.ts';

export interface PublicHandlerOptions {
  readonly world: World;
  /** The name of the listener; `public` when it is left out. */
  readonly name?: string;
  /** The plan in force; asked once per request, which then keeps it to its end. */
  plan(): Plan;
  /** Tells the client from the proxies in front of us. */
  readonly readClient: ClientReader;
  readonly answered: AnsweredListener;
  /** Undefined where no spans are recorded. */
  readonly tracer?: Tracer | undefined;
}

export function createPublicHandler({
  world,
  name = PUBLIC,
  plan,
  readClient,
  answered,
  tracer,
}: PublicHandlerOptions): Handler {
  return createRequestHandler({
    world,
    listener: name,
    trusted: false,
    readClient,
    answered,
    tracer,
    receive(context, refuseRest, client) {
      const { request, response, head, trace } = context;
      const { route, params, next } = find(plan(), head, response);
      context.route = route;
      const { timeoutMs, steps } = route;
      const target = route.alias ?? route.target;
      const exchange: Exchange = new Exchange({
        world,
        request,
        response,
        head,
        params,
        target,
        trace,
        readClient,
        timeoutMs,
        refuseRest,
        client,
        otherRoute: next && (consumer => toOtherRoute(exchange, next(consumer))),
      });
      context.exchange = exchange;
      takeSteps(exchange, steps);
    },
  });
}

function toOtherRoute(exchange: Exchange, match: Match | undefined): OtherRoute | undefined {
  if (match === undefined) return undefined;
  const { route, params } = match;
  return { route, params, take: () => takeSteps(exchange, route.steps, route.afterAuth ?? 0) };
}

function find(plan: Plan, head: RequestHead, response: ServerResponse): Match {
  const found = findRoute(plan, head);
  if ('route' in found) return found;
  if (found.allowed.length > 0) response.setHeader('allow', found.allowed.join(', '));
  throw found.error;
}

/** Says whether a request's route lets the connection change to the protocol that is asked for. */
export function createUpgradeCheck(plan: () => Plan): (request: IncomingMessage) => boolean {
  return request => {
    const protocol = protocolAskedFor(request);
    if (protocol === undefined) return false;
    try {
      const route = plan().find(readHead(request, { trusted: false }))?.route;
      return route?.upgrades?.has(protocol.toLowerCase()) ?? false;
    } catch {
      // Its faults are reported where it is answered as an ordinary request.
      return false;
    }
  };
}
