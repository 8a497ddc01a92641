// The last step of most routes: sends the request on to its target, without the part of the path that only clients know.
import { DEPTH_HEADER } from '../../core/wire.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../plan/plan.ts';
import type { Target } from '../target/target.ts';

/** `clientPath`: where clients see the target mounted, e.g. the base path of the Api; without a trailing slash. */
export function forward(target: Target, clientPath: string): Step {
  return exchange => {
    exchange.clientPath = clientPath;
    if (clientPath !== '') exchange.path = withoutPrefix(exchange.path, clientPath);
    addForwardedFields(exchange);
    target.send(exchange);
  };
}

/** What the target may know of the client, in place of anything that came under these names. */
export function addForwardedFields(exchange: Exchange): void {
  const { head, request, headers, clientPath } = exchange;
  headers.push(
    'x-forwarded-for',
    request.socket.remoteAddress ?? 'unknown',
    'x-forwarded-host',
    head.authority,
    'x-forwarded-proto',
    'encrypted' in request.socket ? 'https' : 'http',
    DEPTH_HEADER,
    '1',
  );
  if (clientPath !== '') headers.push('x-forwarded-prefix', clientPath);
}

/** `/shop/orders?x` under `/shop` is `/orders?x`. */
export function withoutPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
