// Repeats a call of the internal listener where that is safe: for a function, a gateway that is
// replaced is a pause and no failure.
import { pauseAfter } from '../../core/retry/backoff.ts';
import { parseRetryAfter } from '../../core/retry/retry-after.ts';
import { NoAnswer, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';
import { TIMEOUT_HEADER } from './wire.ts';

const MOST_ATTEMPTS = 10;
/** The most attempts while a gateway answers, and has no room. */
const MOST_ANSWERED = 3;
/** No attempt begins later, whatever time the call has. */
const MOST_MS = 10_000;
const PAUSES = { base: 50, max: 1_000 };

export type Outcome = { readonly response: TransportResponse } | { readonly error: unknown };

export interface Attempted {
  /** From 1. */
  readonly number: number;
  /** Whether it may be made again when it has perhaps been worked on. */
  readonly idempotent: boolean;
  readonly leftMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export function withRepeats(transport: Transport): Transport {
  return async request => {
    const began = performance.now();
    const limitMs = Number(request.headers[TIMEOUT_HEADER] ?? Number.POSITIVE_INFINITY);
    const idempotent = isIdempotent(request);
    let attempt = request;
    for (let number = 1; ; number++) {
      const outcome = await settle(transport(attempt));
      const leftMs = Math.min(limitMs, MOST_MS) - (performance.now() - began);
      const pauseMs = pauseBeforeRepeat(outcome, { number, idempotent, leftMs, random: Math.random() });
      if (pauseMs === undefined) return conclude(outcome, number);
      await pause(pauseMs, request.signal);
      const restMs = Math.max(1, Math.floor(limitMs - (performance.now() - began)));
      // The gateway must not work on for longer than the call has.
      if (Number.isFinite(restMs))
        attempt = { ...request, headers: { ...request.headers, [TIMEOUT_HEADER]: `${restMs}` } };
    }
  };
}

/** Milliseconds until the next attempt; undefined: this outcome is the last one. */
export function pauseBeforeRepeat(outcome: Outcome, attempted: Attempted): number | undefined {
  const { number, leftMs, random } = attempted;
  const askedMs =
    'response' in outcome ? afterAnswer(outcome.response, attempted) : afterError(outcome.error, attempted);
  if (askedMs === undefined) return undefined;
  const pauseMs = askedMs + pauseAfter(number, PAUSES, random);
  return pauseMs < leftMs ? pauseMs : undefined;
}

function afterError(error: unknown, { number, idempotent }: Attempted): number | undefined {
  if (!(error instanceof NoAnswer) || number >= MOST_ATTEMPTS) return undefined;
  return idempotent || !error.sent ? 0 : undefined;
}

/** A 503 says nothing of how far the call came, unlike a connection that there was not. */
function afterAnswer({ status, headers }: TransportResponse, { number, idempotent }: Attempted): number | undefined {
  // Another call with this key is under way: the attempt before, which may have died meanwhile.
  const isOwnConflict = status === 409 && number > 1;
  if (!idempotent || number >= MOST_ANSWERED || !(status === 503 || isOwnConflict)) return undefined;
  return parseRetryAfter(headers['retry-after'], Date.now());
}

/** RFC 9110 §9.2.2, and whatever the receiver knows again. */
function isIdempotent({ method, headers, idempotent }: TransportRequest): boolean {
  return idempotent ?? (['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'].includes(method) || 'idempotency-key' in headers);
}

function settle(answer: Promise<TransportResponse>): Promise<Outcome> {
  return answer.then(
    response => ({ response }),
    error => ({ error }),
  );
}

function conclude(outcome: Outcome, number: number): TransportResponse {
  if ('response' in outcome) return outcome.response;
  const { error } = outcome;
  if (!(error instanceof NoAnswer) || number === 1) throw error;
  throw new NoAnswer(`${error.message} (tried ${number} times)`, { sent: error.sent, cause: error.cause });
}

/** Rejects with the signal's reason as soon as it aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
