// An exchange that no client waits for: fetches an answer anew in the background, through the same steps as any other.
import { nodeHttp } from '../../core/node-http.ts';
import { childContext } from '../../core/trace-context.ts';
import { Exchange } from '../exchange/exchange.ts';

/** Takes everything and keeps nothing: it has no connection that anything could be sent on. */
class UnheardResponse extends nodeHttp().ServerResponse {
  override write(): boolean {
    return true;
  }

  override end(): this {
    return this;
  }
}

/** The same request as that of `exchange`, which has not been sent on. */
export function createUnheardExchange(exchange: Exchange): Exchange {
  const { world, request, head, params, target, trace, timeoutMs, client } = exchange;
  const unheard = new Exchange({
    world,
    request,
    response: new UnheardResponse(request),
    head: { ...head, fields: [...exchange.headers] },
    params,
    target,
    trace: childContext(trace),
    timeoutMs,
    readClient: () => client,
    refuseRest() {},
  });
  unheard.path = exchange.path;
  unheard.clientPath = exchange.clientPath;
  unheard.consumer = exchange.consumer;
  unheard.claims = exchange.claims;
  unheard.connectTimeoutMs = exchange.connectTimeoutMs;
  unheard.streamIdleMs = exchange.streamIdleMs;
  return unheard;
}
