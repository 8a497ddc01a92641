// The last steps of most routes: what the target may know of the client, and the sending itself.
import { DEPTH_HEADER } from '../../core/wire.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import type { Target } from '../exchange/target.ts';
import { openTunnel } from '../exchange/tunnel.ts';
import type { Upgrades } from '../http/upgrade-request.ts';

/**
 * Takes away the part of the path that only clients know, e.g. the base path of the Api;
 * without a trailing slash.
 */
export function mount(clientPath: string): Step | undefined {
  if (clientPath === '') return undefined;
  return exchange => {
    exchange.request.clientPath = clientPath;
    exchange.request.path = withoutPrefix(exchange.path, clientPath);
  };
}

export function forward(target: Target): Step {
  return exchange => {
    addForwardedFields(exchange);
    target.send(exchange);
  };
}

/**
 * Sends requests that change the protocol past the policies of the route: such a
 * connection cannot be tried again.
 */
export function tunnelOr(upgrades: Upgrades, target: Target, ordinary: Step): Step {
  return (exchange, steps, index) => {
    const { clientSide } = exchange.request;
    if (!clientSide || !upgrades.has(clientSide.protocol.toLowerCase())) return ordinary(exchange, steps, index);
    addForwardedFields(exchange);
    openTunnel(exchange, clientSide, target);
  };
}

/**
 * Fields that tell the target about the client, in place of anything that came under these names.
 */
export function addForwardedFields({ request }: Exchange): void {
  const { head, headers, clientPath, client } = request;
  const host = client.host ?? head.authority;
  headers.push(
    'x-forwarded-for',
    client.forwardedFor,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    client.proto,
    // RFC 7239; IPv6 addresses and anything with a colon stand in quotes.
    'forwarded',
    `for=${client.address.includes(':') ? `"[${client.address}]"` : client.address};host="${host}";proto=${client.proto}`,
    DEPTH_HEADER,
    '1',
  );
  if (clientPath !== '') headers.push('x-forwarded-prefix', clientPath);
}

/** `/shop/orders?x` under `/shop` is `/orders?x`, in whatever spelling: `/Shop;v=1/orders`. */
export function withoutPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length);
  if (rest.startsWith('/')) return rest;
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  const mark = path.indexOf('?');
  const query = mark === -1 ? '' : path.slice(mark);
  const segments = (mark === -1 ? path : path.slice(0, mark)).split('/');
  return `/${segments.slice(prefix.split('/').length).join('/')}${query}`;
}
