// Hands a call to the transport once its place is known, with the trace and the time that is left.
import { formatTraceparent } from '../../core/trace-context.ts';
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import type { Transport } from '../transport/transport.ts';
import type { Call, Place } from './target.ts';

export function dispatch(call: Call, transport: Transport, place: Place): void {
  call.place = place;
  transport.send(
    {
      origin: place.origin,
      path: place.basePath + call.path,
      method: call.method,
      headers: call.headers.concat(
        'traceparent',
        formatTraceparent(call.trace),
        TIMEOUT_HEADER,
        String(call.remainingMs),
      ),
      body: call.body,
      connectTimeoutMs: call.connectTimeoutMs,
      upgrade: call.upgrade ?? null,
    },
    call,
  );
}
