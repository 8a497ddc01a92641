// Hands a call to the transport once its place is known, with the trace, the time that is left, and
// the namespace for which it is made.
import { formatTraceparent, startSpan } from '../../core/trace-context.ts';
import type { FunctionService } from '../../core/tracing/span.ts';
import { NAMESPACE_HEADER, TIMEOUT_HEADER } from '../../core/wire.ts';
import type { Call, Place } from '../exchange/target.ts';
import type { Transport, UpstreamHandler } from '../transport/transport.ts';
import { SpanOfCall } from './span-of-call.ts';

export interface Sent {
  readonly headers: readonly string[];
  readonly handler: UpstreamHandler;
  /** The function that is called. */
  readonly invoked?: FunctionService;
}

/**
 * `namespace`: that of the resource that leads there; only its right to call the target counts.
 * `own`: fields that replace those of the same name, name (lower case) and value in turn.
 */
export function dispatch(
  call: Call,
  transport: Transport,
  place: Place,
  namespace: string,
  own: readonly string[] = [],
  /** The body that is sent and the receiver of the answer, where they are not the call's own. */
  { headers, handler, invoked }: Sent = { headers: call.headers, handler: call },
): void {
  const span = startSpan(call.trace, 'client', call.method);
  call.place = place;
  call.attempted?.();
  transport.send(
    {
      origin: place.origin,
      via: place.via,
      path: place.basePath + call.path,
      method: call.method,
      headers: (own.length === 0 ? headers : replaceFields(headers, own)).concat(
        'traceparent',
        formatTraceparent(span ?? call.trace),
        TIMEOUT_HEADER,
        String(call.remainingMs),
        NAMESPACE_HEADER,
        namespace,
      ),
      body: call.body,
      connectTimeoutMs: call.connectTimeoutMs,
      reuse: place.reuse,
      upgrade: call.upgrade ?? null,
    },
    span ? new SpanOfCall(span, handler, call, place, invoked) : handler,
  );
}

function replaceFields(fields: readonly string[], own: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!own.some((other, at) => at % 2 === 0 && other === name)) kept.push(name, fields[index + 1] ?? '');
  }
  return kept.concat(own);
}
