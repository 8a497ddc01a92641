// An exchange that no client waits for: fetches an answer anew in the background, through the same steps as any other.
import { nodeHttp } from '../../core/http/node-http.ts';
import { childContext } from '../../core/trace-context.ts';
import { Exchange } from '../exchange/exchange.ts';

/** Takes everything and keeps nothing: it has no connection that anything could be sent on. */
class DiscardedResponse extends nodeHttp().ServerResponse {
  override write(): boolean {
    return true;
  }

  override end(): this {
    return this;
  }
}

/** The same request as that of `exchange`, which has not been sent on. */
export function createBackgroundExchange(exchange: Exchange): Exchange {
  const { world, request, head, params, target, trace, timeoutMs, client } = exchange;
  const background = new Exchange({
    world,
    request,
    response: new DiscardedResponse(request),
    head: { ...head, fields: [...exchange.headers] },
    params,
    target,
    trace: childContext(trace),
    timeoutMs,
    readClient: () => client,
    refuseRest() {},
  });
  background.path = exchange.path;
  background.clientPath = exchange.clientPath;
  background.consumer = exchange.consumer;
  background.claims = exchange.claims;
  background.connectTimeoutMs = exchange.connectTimeoutMs;
  background.streamIdleMs = exchange.streamIdleMs;
  return background;
}
