// Decides whether a call that failed is made again, and after which pause.
import { Readable } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { codeOf, isUnsendable } from '../../transport/transport-error.ts';

/** As in resources, durations in milliseconds. */
export interface RetrySettings {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  /** `connect`, `reset`, `timeout`, `5xx`, or single statuses such as `503`. */
  readonly on: readonly string[];
  /** Share of the calls of the last ten seconds that may be retries. */
  readonly budget: number;
  readonly attemptTimeout?: number | undefined;
  readonly initial: number;
  readonly max: number;
}

export interface Failure {
  /** The words of `on` that it goes by. */
  readonly conditions: readonly string[];
  /** Whether any of the request may have reached the target. */
  readonly sent: boolean;
  /** How long the target asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;
}

export interface Attempted {
  readonly method: string;
  /** Number of the attempt that failed, from 1. */
  readonly number: number;
  /** Whether the body can be sent again. */
  readonly replayable: boolean;
  readonly remainingMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** Whether a body can be sent again: it is all there, or nothing of it was taken. */
export function isReplayable(body: Readable | Buffer | string | null): boolean {
  return !(body instanceof Readable) || !(body.readableDidRead || body.destroyed);
}

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** RFC 9110 §9.2.2, and QUERY. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY']);

/**
 * The pause before the next attempt, milliseconds; undefined: the failure is final. The budget is
 * asked by the caller, last.
 */
export function pauseBeforeRetry(failure: Failure, attempt: Attempted, settings: RetrySettings): number | undefined {
  if (attempt.number >= settings.attempts || !attempt.replayable) return undefined;
  if (!failure.conditions.some(condition => settings.on.includes(condition))) return undefined;
  if (failure.sent && !IDEMPOTENT.has(attempt.method)) return undefined;
  const backoff = { base: settings.initial, max: settings.max };
  const pause = Math.max(pauseAfter(attempt.number, backoff, attempt.random), failure.retryAfterMs ?? 0);
  return pause < attempt.remainingMs ? pause : undefined;
}

export function statusConditions(status: number): readonly string[] {
  return status >= 500 ? ['5xx', String(status)] : [String(status)];
}

const CONNECT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const RESET = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']);

/** The fault between us and the target; `sent`: whether the request had begun to go out. */
export function transportConditions(error: unknown, sent: boolean): readonly string[] {
  if (error instanceof TenfoldError) return errorConditions(error);
  const code = codeOf(error);
  if (code === undefined) return [];
  // For any such fault, a failed TLS handshake included, nothing was delivered.
  if (!sent) return isUnsendable(code) ? [] : ['connect'];
  return CONNECT.has(code) || RESET.has(code) ? ['reset'] : [];
}

/** Errors of ours: by their status, where the table says that the same call may succeed later. */
export function errorConditions(error: unknown): readonly string[] {
  if (!(error instanceof TenfoldError) || !error.retryable) return [];
  return error.code === 'timeout' ? ['timeout'] : statusConditions(error.status);
}
