// Sends an exchange on to what answers it: a function, by a place at one of its instances, or a fixed address.

import { formatTraceparent } from '../../core/trace-context.ts';
import { DEPTH_HEADER, TIMEOUT_HEADER } from '../../core/wire.ts';
import type { FunctionHost, Lease } from '../../drivers/function-host/function-host.ts';
import type { Transport } from '../transport/transport.ts';
import { BodyStream } from './body-stream.ts';
import type { Exchange } from './exchange.ts';

export interface Place {
  readonly origin: string;
  readonly basePath: string;
}

/**
 * Sends the request without waiting. The upstream sees its path without `clientPath`, the part that only the client knows, and
 * `own` fields besides those of the client.
 */
export function sendTo(
  exchange: Exchange,
  transport: Transport,
  place: Place,
  clientPath: string,
  own: readonly string[],
): void {
  const { head, request } = exchange;
  exchange.mount = { origin: place.origin, upstreamPath: place.basePath, clientPath };
  const headers = head.fields;
  headers.push('traceparent', formatTraceparent(exchange.trace), TIMEOUT_HEADER, String(exchange.remainingMs));
  for (const part of own) headers.push(part);
  transport.send(
    {
      origin: place.origin,
      path: place.basePath + (head.path.slice(clientPath.length) || '/') + head.query,
      method: head.method,
      headers,
      body: head.hasBody ? new BodyStream(request) : null,
    },
    exchange,
  );
}

/** Waits, within the exchange's deadline, for an instance of the function and sends the request there. */
export function sendToFunction(
  exchange: Exchange,
  host: FunctionHost,
  transport: Transport,
  target: { readonly namespace: string; readonly name: string },
  clientPath: string,
  own: readonly string[],
): void | Promise<void> {
  const lease = host.tryAcquire(target.namespace, target.name);
  if (lease) return dispatch(lease);
  return host.acquire(target.namespace, target.name, exchange.signal).then(dispatch);

  function dispatch(place: Lease): void {
    exchange.hold(place.release);
    if (!exchange.ended) sendTo(exchange, transport, place, clientPath, own);
  }
}

/** Fields for a request that came from outside. */
export function forwardedFields(exchange: Exchange, basePath: string): string[] {
  const { head, request } = exchange;
  const fields = [
    'x-forwarded-for',
    request.socket.remoteAddress ?? 'unknown',
    'x-forwarded-host',
    head.authority,
    'x-forwarded-proto',
    'encrypted' in request.socket ? 'https' : 'http',
  ];
  if (basePath !== '') fields.push('x-forwarded-prefix', basePath);
  fields.push(DEPTH_HEADER, '1');
  return fields;
}
