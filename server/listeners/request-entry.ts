// The entry of the access log for a request of the public listener.
import { answerReasons } from '../../core/answer-reasons.ts';
import { causeInWords } from '../../gateway/exchange/reason-of.ts';
import type { Answered } from '../../gateway/listeners/answered.ts';
import type { RequestEntry } from '../platform-events.ts';

export function toRequestEntry(answered: Answered): RequestEntry {
  const { route, listener, method, host, path, status, durationMs, consumer, client, trace } = answered;
  const { reason, failure, exchange } = answered;
  const level = reason === undefined ? 'info' : answerReasons[reason].level;
  const attempts = exchange?.attempts ?? 0;
  return {
    level,
    listener,
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
    trace,
    reason,
    cause: level === 'info' || failure === undefined ? undefined : causeInWords(failure),
    upstreamMs: exchange?.upstreamMs,
    attempts: attempts === 0 ? undefined : attempts,
    breaker: exchange?.breaker,
    cache: exchange?.cache,
    bytesIn: exchange?.bytesIn,
    bytesOut: exchange?.bytesOut,
  };
}
