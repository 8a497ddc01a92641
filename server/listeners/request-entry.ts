// The entry of the access log for a request of the public listener.
import type { Answered } from '../../gateway/listeners/answered.ts';
import type { RequestEntry } from '../platform-events.ts';

export function toRequestEntry({ route, listener, ...answered }: Answered): RequestEntry {
  const { method, host, path, status, durationMs, consumer, client, traceId, reason } = answered;
  return {
    listener: listener,
    method,
    host,
    path,
    status,
    durationMs,
    resource: route && `${route.kind}/${route.namespace}/${route.name}`,
    route: route && (route.label ?? route.path),
    target: route?.target,
    consumer,
    client,
    traceId,
    ...(reason === undefined ? {} : { reason }),
  };
}
