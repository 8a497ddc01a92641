// The refusals of an API server in our codes, with the status and the reason that it gave.
import { type Code, TenfoldError } from '../../core/errors.ts';
import { readNumber, readText } from './kube-object.ts';

export class KubeError extends TenfoldError {
  /** HTTP status of the answer; 0 when there was none. */
  readonly httpStatus: number;

  constructor(
    code: Code,
    message: string,
    httpStatus: number,
    options: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(code, message, options);
    this.httpStatus = httpStatus;
  }
}

const codes: Readonly<Record<number, Code>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  422: 'invalid-resource',
  429: 'too-many-requests',
};

/** `body` is a Status object in most cases. */
export function toKubeError(
  what: string,
  httpStatus: number,
  body: unknown,
  /** Seconds that its Retry-After asks for. */
  retryAfter: number | undefined,
): KubeError {
  const code = codes[httpStatus] ?? (httpStatus < 500 ? 'bad-request' : 'cluster-unavailable');
  const said = readText(body, 'message') ?? `status ${httpStatus}`;
  const seconds = readNumber(body, 'details', 'retryAfterSeconds') ?? retryAfter ?? Number.NaN;
  return new KubeError(code, `The API server refused ${what}: ${said}`, httpStatus, {
    ...(Number.isFinite(seconds) ? { retryAfterSeconds: Math.min(Math.max(seconds, 0), 60) } : {}),
  });
}

export function unreachable(what: string, cause: unknown): KubeError {
  const reason = cause instanceof Error ? reasonOf(cause) : String(cause);
  return new KubeError('cluster-unavailable', `The API server did not answer ${what}: ${reason}`, 0, { cause });
}

/** The version from which to watch is no longer known: everything has to be listed anew. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.httpStatus === 410;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.httpStatus === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.httpStatus === 409;
}

/** The server refused the request itself; a repeat fails until somebody changes something. */
export function isRefused(error: unknown): error is KubeError {
  return error instanceof KubeError && [400, 403, 422].includes(error.httpStatus);
}

function reasonOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message || error.name}${code}`;
}
