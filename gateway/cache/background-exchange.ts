// An exchange that no client waits for: fetches an answer anew in the background, through
// the same steps as any other.
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
  const { world, request, target, trace, timeoutMs } = exchange;
  const { message, head, params, client } = request;
  const background = new Exchange({
    world,
    request: message,
    response: new DiscardedResponse(message),
    head: { ...head, fields: [...request.headers] },
    params,
    target,
    trace: childContext(trace),
    timeoutMs,
    readClient: () => client,
    refuseRest() {},
  });
  background.request.path = request.path;
  background.request.clientPath = request.clientPath;
  background.request.consumer = request.consumer;
  background.request.claims = request.claims;
  background.request.connectTimeoutMs = request.connectTimeoutMs;
  background.response.idleMs = exchange.response.idleMs;
  return background;
}
