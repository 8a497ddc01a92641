// One call at the internal listener: carries deadline, trace and depth, waits for the answer, and
// turns failures into InvokeError.
import { retryAfterSeconds } from '../../core/retry/retry-after.ts';
import type { CallOptions } from '../call-options.ts';
import { InvokeError } from './invoke-error.ts';
import type { Transport, TransportResponse } from './transport.ts';
import { CALLER_HEADER, DEPTH_HEADER, ORIGIN_HEADER, TIMEOUT_HEADER } from './wire.ts';

/** The part of the running invocation that travels with every call it makes. */
export interface CallScope {
  readonly functionName: string;
  readonly signal: AbortSignal;
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
  /** Hops made so far, this invocation included. */
  readonly depth: number;
  /** See `Context.origin`. */
  readonly origin: string | undefined;
  remainingMs(): number;
  readonly transport: Transport;
  /** Whether only the listener holds time limits: debuggers may stop its time. */
  readonly listenerHoldsTime?: boolean | undefined;
}

export interface EndpointCall {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** See `TransportRequest`. */
  readonly idempotent?: boolean;
}

export async function callEndpoint(
  scope: CallScope,
  call: EndpointCall,
  options: CallOptions,
): Promise<TransportResponse> {
  const target = `${call.method} ${call.target.split('?', 1)[0]}`;
  const timeoutMs = Math.min(scope.remainingMs(), options.timeoutMs ?? Number.POSITIVE_INFINITY);
  if (timeoutMs <= 0) throw timedOut(target, timeoutMs);
  const origin = options.origin ?? scope.origin ?? '';
  const timer = new AbortController();
  // Node fires timers before it reads from sockets; an answer that came while the process
  // stood still is taken first.
  const handle = scope.listenerHoldsTime ? undefined : setTimeout(() => setImmediate(() => timer.abort()), timeoutMs);
  const signals = [timer.signal, scope.signal, ...(options.signal ? [options.signal] : [])];
  try {
    const response = await scope.transport({
      method: call.method,
      target: call.target,
      headers: {
        ...call.headers,
        traceparent: scope.traceparent,
        ...(scope.tracestate === undefined ? {} : { tracestate: scope.tracestate }),
        [TIMEOUT_HEADER]: String(Math.max(1, Math.floor(timeoutMs))),
        [CALLER_HEADER]: scope.functionName,
        [DEPTH_HEADER]: String(scope.depth + 1),
        ...(origin === '' ? {} : { [ORIGIN_HEADER]: origin }),
      },
      body: call.body,
      idempotent: call.idempotent,
      signal: AbortSignal.any(signals),
    });
    if (response.status >= 400 || response.status < 200) throw refused(target, response);
    return response;
  } catch (error) {
    if (error instanceof InvokeError) throw error;
    if (timer.signal.aborted) throw timedOut(target, timeoutMs);
    if (options.signal?.aborted) throw options.signal.reason;
    if (scope.signal.aborted) throw scope.signal.reason;
    const reason = error instanceof Error && error.message !== '' ? error.message : 'the connection failed';
    throw new InvokeError(target, `no answer: ${reason}`, { retryable: true, cause: error });
  } finally {
    clearTimeout(handle);
  }
}

/**
 * The body as a value: JSON is parsed, text is a string, anything else bytes; undefined when empty.
 */
export function toValue(response: TransportResponse): unknown {
  if (response.body.length === 0) return undefined;
  const type = (response.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return JSON.parse(response.body.toString('utf8'));
  return type.startsWith('text/') ? response.body.toString('utf8') : response.body;
}

function timedOut(target: string, timeoutMs: number): InvokeError {
  const message =
    timeoutMs > 0 ? `no answer within ${Math.round(timeoutMs)} ms` : 'no time is left before the deadline';
  return new InvokeError(target, message, { retryable: true });
}

function refused(target: string, response: TransportResponse): InvokeError {
  let problem: unknown;
  try {
    problem = toValue(response);
  } catch {
    problem = response.body.toString('utf8');
  }
  const detail =
    typeof problem === 'object' && problem !== null && 'detail' in problem ? `: ${String(problem.detail)}` : '';
  const seconds = retryAfterSeconds(response.headers['retry-after'], Date.now());
  return new InvokeError(target, `answered ${response.status}${detail}`, {
    status: response.status,
    problem,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  });
}
