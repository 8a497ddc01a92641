// The one error base and the one table of codes: what failed, the HTTP status it becomes,
// and whether to try again.

import type { AnswerReason } from './answer-reasons.ts';

export interface ErrorCode {
  /** HTTP status (RFC 9110 §15) that the error becomes at an endpoint. */
  readonly status: number;
  /** Whether the same call may succeed later, unchanged. Retry policies look at nothing else. */
  readonly retryable: boolean;
  /** Short summary, the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
}

/**
 * Every code that an endpoint, driver or command can answer with.
 * `docs/reference/errors.md` is generated from it.
 */
export const errorCodes = {
  'bad-request': { status: 400, retryable: false, title: 'The request is malformed' },
  'invalid-input': { status: 400, retryable: false, title: 'The input does not match its schema' },
  'invalid-event': { status: 400, retryable: false, title: 'The event is not a valid CloudEvent' },
  'invalid-resource': { status: 400, retryable: false, title: 'The resource is not valid' },
  'invalid-expression': { status: 400, retryable: false, title: 'The expression is not valid' },
  'invalid-query': { status: 400, retryable: false, title: 'The query cannot be run as it is written' },
  unauthenticated: { status: 401, retryable: false, title: 'Credentials are missing or wrong' },
  forbidden: { status: 403, retryable: false, title: 'The caller may not do this' },
  'not-found': { status: 404, retryable: false, title: 'Nothing is here' },
  'unknown-function': { status: 404, retryable: false, title: 'No function has this name' },
  'unknown-version': { status: 404, retryable: false, title: 'The API has no such version' },
  'method-not-allowed': { status: 405, retryable: false, title: 'The method is not allowed here' },
  'not-acceptable': { status: 406, retryable: false, title: 'No answer fits what the request accepts' },
  'request-timeout': { status: 408, retryable: true, title: 'The client took too long' },
  'in-progress': { status: 409, retryable: true, title: 'The same request is being worked on' },
  conflict: { status: 409, retryable: false, title: 'The state is not what the request expects' },
  gone: { status: 410, retryable: false, title: 'It was here and is not any more' },
  'precondition-failed': { status: 412, retryable: false, title: 'A condition of the request does not hold' },
  'body-too-large': { status: 413, retryable: false, title: 'The body is larger than allowed' },
  'unsupported-media-type': { status: 415, retryable: false, title: 'The media type is not supported here' },
  'expectation-failed': { status: 417, retryable: false, title: 'The expectation of the request is not met here' },
  'key-reused': { status: 422, retryable: false, title: 'The Idempotency-Key was used for another request' },
  'query-too-large': { status: 422, retryable: false, title: 'The query needs more than it may take' },
  'too-many-requests': { status: 429, retryable: true, title: 'More requests than the limit allows' },
  'head-too-large': { status: 431, retryable: false, title: 'The head is larger than allowed' },
  internal: { status: 500, retryable: false, title: 'Something went wrong on our side' },
  'expression-failed': { status: 500, retryable: false, title: 'An expression could not be evaluated' },
  'data-corrupt': { status: 500, retryable: false, title: 'Stored data is damaged' },
  'storage-unusable': { status: 500, retryable: false, title: 'The data store cannot be used' },
  unsupported: { status: 501, retryable: false, title: 'This installation does not support it' },
  'job-failed': { status: 502, retryable: false, title: 'The job did not succeed' },
  'bad-gateway': { status: 502, retryable: true, title: 'The service behind the gateway gave no valid answer' },
  'auth-unavailable': { status: 503, retryable: true, title: 'Credentials cannot be checked at the moment' },
  'function-crashed': { status: 503, retryable: true, title: 'The function does not start' },
  'log-unavailable': { status: 503, retryable: true, title: 'The event log cannot be reached or written' },
  'store-unavailable': { status: 503, retryable: true, title: 'The store cannot be reached or written' },
  'cluster-unavailable': { status: 503, retryable: true, title: 'The Kubernetes API server cannot be reached' },
  'later-release': { status: 503, retryable: true, title: 'A later release has written it' },
  'function-off': { status: 503, retryable: true, title: 'The function is switched off' },
  'not-ready': { status: 503, retryable: true, title: 'The process has not finished starting' },
  'circuit-open': { status: 503, retryable: true, title: 'The service fails and is left alone for a moment' },
  overloaded: { status: 503, retryable: true, title: 'Too much work is waiting' },
  'shutting-down': { status: 503, retryable: true, title: 'The process is shutting down' },
  'loop-detected': { status: 508, retryable: false, title: 'Calls go round in a circle' },
  timeout: { status: 504, retryable: true, title: 'The time limit was reached' },
} as const satisfies Record<string, ErrorCode>;

export type Code = keyof typeof errorCodes;

/** The reason of an error that names none. */
const REASONS: Readonly<Record<Code, AnswerReason>> = {
  'bad-request': 'request.malformed',
  'invalid-input': 'request.invalid',
  'invalid-event': 'request.invalid',
  'invalid-resource': 'request.invalid',
  'invalid-expression': 'request.invalid',
  'invalid-query': 'request.invalid',
  unauthenticated: 'auth.invalid',
  forbidden: 'auth.forbidden',
  'not-found': 'resource.none',
  'unknown-function': 'function.unknown',
  'unknown-version': 'route.version',
  'method-not-allowed': 'route.method',
  'not-acceptable': 'request.media-type',
  'request-timeout': 'request.slow',
  'in-progress': 'request.conflict',
  conflict: 'request.conflict',
  gone: 'resource.gone',
  'precondition-failed': 'request.conflict',
  'body-too-large': 'request.too-large',
  'unsupported-media-type': 'request.media-type',
  'expectation-failed': 'request.invalid',
  'key-reused': 'request.conflict',
  'query-too-large': 'request.too-large',
  'too-many-requests': 'limit.rate',
  'head-too-large': 'request.too-large',
  internal: 'internal.unexpected',
  'expression-failed': 'expression.failed',
  'data-corrupt': 'data.corrupt',
  'storage-unusable': 'store.unavailable',
  unsupported: 'platform.unsupported',
  'job-failed': 'job.failed',
  'bad-gateway': 'upstream.invalid',
  'auth-unavailable': 'auth.unavailable',
  'function-crashed': 'function.crashed',
  'log-unavailable': 'log.unavailable',
  'store-unavailable': 'store.unavailable',
  'cluster-unavailable': 'cluster.unavailable',
  'later-release': 'data.later-release',
  'function-off': 'function.off',
  'not-ready': 'platform.starting',
  'circuit-open': 'breaker.open',
  overloaded: 'limit.work',
  'shutting-down': 'platform.stopping',
  'loop-detected': 'request.loop',
  timeout: 'upstream.timeout',
};

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense (`Retry-After`). */
  readonly retryAfterSeconds?: number;
  /** Further members for the problem document; must be safe to show to the caller. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /**
   * The message for clients outside, when the other one names a part behind the gateway that they
   * must not know.
   */
  readonly publicMessage?: string;
  /** Nothing of the call has reached its target: there was no connection or no instance. */
  readonly undelivered?: boolean;
  /**
   * The call can never be made as it is, whatever its code says: its address is forbidden, or it
   * cannot be written as a request.
   */
  readonly unsendable?: boolean;
  /** For operators, where more is known than the code says. Clients never get it. */
  readonly reason?: AnswerReason;
}

/**
 * An error whose message is meant for the person who reads it: it says what happened,
 * where, and what to do next.
 */
export class TenfoldError extends Error {
  override readonly name = 'TenfoldError';
  readonly code: Code;
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** See the same of `ErrorOptions`. */
  readonly publicMessage: string | undefined;
  /** See the same of `ErrorOptions`. False also where that is not known. */
  readonly undelivered: boolean;
  /** See the same of `ErrorOptions`. */
  readonly unsendable: boolean;
  readonly reason: AnswerReason;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions ?? {};
    this.publicMessage = options.publicMessage;
    this.undelivered = options.undelivered ?? false;
    this.unsendable = options.unsendable ?? false;
    this.reason = options.reason ?? REASONS[code];
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable && !this.unsendable;
  }

  get title(): string {
    return errorCodes[this.code].title;
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof TenfoldError && error.code === 'timeout';
}

/** Says whether trying the same call again may help. An error of another kind is not retried. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TenfoldError && error.retryable;
}
